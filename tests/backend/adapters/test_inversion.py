# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from backend.acts.denoising.textual_inversions import inversions_of
from backend.adapters.attached import attached
from backend.adapters.inversion import Inversion, Inversions, named_in, read_inversion
from backend.weights.files.model_file import ModelFile
from shared.errors import BadRequest
from tests.backend.pipelines import load, small_release, write_folder


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for base in ("sd15", "sdxl"):
        root = tmp_path_factory.mktemp(base)
        release = small_release(root / "configs", base)
        found[base] = load(write_folder(root / "folder", release), release)
    return found


@pytest.fixture(params=["sd15", "sdxl"])
def model(request: pytest.FixtureRequest, models: dict[str, Any]) -> Any:
    return models[request.param]


def vectors_of(model: Any, words: str) -> list[torch.Tensor]:
    """The embedding tables' own vectors of some words, for each text encoder."""
    found: list[torch.Tensor] = []
    for reader in model.text.readers:
        ids = reader.tokenizer(words, add_special_tokens=False).input_ids
        found.append(reader.encoder.get_input_embeddings().weight[ids].clone())
    return found


def state_of(model: Any, words: str) -> dict[str, torch.Tensor]:
    given = vectors_of(model, words)
    return (
        {"emb_params": given[0]} if len(given) == 1 else dict(zip(("clip_l", "clip_g"), given, strict=True))
    )


def same(a: Any, b: Any) -> bool:
    pooled = a.pooled is b.pooled or torch.equal(a.pooled, b.pooled)
    return torch.equal(a.embedding, b.embedding) and pooled


@pytest.mark.parametrize("written", ["zorp", "<zorp>", "embedding:zorp"])
def test_a_learnt_word_means_its_vectors(model: Any, written: str, tmp_path: Path) -> None:
    save_file(state_of(model, "cup house"), tmp_path / "zorp.safetensors")
    word = read_inversion(tmp_path / "zorp.safetensors", "zorp", model.text.readers)
    before = model.encode_prompt(f"a red {written}, new")
    with attached(model.text, [Inversions([word])]):
        learnt = model.encode_prompt(f"a red {written}, new")
        plain = model.encode_prompt("a red cup, new")
    assert same(learnt, model.encode_prompt("a red cup house, new"))
    assert not same(learnt, before)
    assert same(plain, model.encode_prompt("a red cup, new"))
    assert same(before, model.encode_prompt(f"a red {written}, new")), "no trace is left"


def test_several_words_and_a_full_window(model: Any) -> None:
    one = Inversion("zorp", tuple(vectors_of(model, "cup")))
    two = Inversion("blarg", tuple(vectors_of(model, "house tree")))
    with attached(model.text, [Inversions([one, two])]):
        assert same(model.encode_prompt("zorp and blarg"), model.encode_prompt("cup and house tree"))
        long = model.encode_prompt("zorp " * 74 + "blarg sun moon")
    assert same(long, model.encode_prompt("cup " * 74 + "house"))
    assert long.left_out == "sun moon"


def test_a_word_of_another_family_is_refused(models: dict[str, Any], tmp_path: Path) -> None:
    for ours, theirs in (("sd15", "sdxl"), ("sdxl", "sd15")):
        save_file(state_of(models[theirs], "cup"), tmp_path / "odd.safetensors")
        with pytest.raises(BadRequest, match=r"odd was made for another base model.*Choose"):
            read_inversion(tmp_path / "odd.safetensors", "odd", models[ours].text.readers)
    (tmp_path / "bad.safetensors").write_bytes(b"nothing")
    with pytest.raises(BadRequest, match="bad cannot be read"):
        read_inversion(tmp_path / "bad.safetensors", "bad", models["sd15"].text.readers)


def test_diffusers_files_hold_one_tensor(models: dict[str, Any], tmp_path: Path) -> None:
    given = vectors_of(models["sd15"], "cup")[0]
    save_file({"<zorp>": given[0]}, tmp_path / "zorp.safetensors")
    word = read_inversion(tmp_path / "zorp.safetensors", "zorp", models["sd15"].text.readers)
    assert torch.equal(word.vectors[0], given)


@pytest.mark.parametrize(
    ("prompt", "named"),
    [
        ("a zorp", True),
        ("zorp,", True),
        ("zorps", False),
        ("(zorp:1.2)", True),
        ("my-zorp", True),
        ("Zorp", False),
    ],
)
def test_names_stand_alone(prompt: str, named: bool) -> None:
    assert bool(named_in("zorp").search(prompt)) is named


def test_files_are_found_by_name(models: dict[str, Any], tmp_path: Path) -> None:
    files: list[ModelFile] = []
    for base in ("sdxl", "sd15"):
        path = tmp_path / base / "zorp.safetensors"
        path.parent.mkdir()
        save_file(state_of(models[base], "cup"), path)
        files.append(ModelFile(path, "textual_inversion", base, "zorp", 9))  # type: ignore[arg-type]
    for base in ("sdxl", "sd15"):
        (word,) = inversions_of(models[base], ["a zorp", ""], files)
        assert len(word.vectors) == len(models[base].text.readers)
        assert inversions_of(models[base], ["a cup", "blur"], files) == []
