# SPDX-License-Identifier: GPL-3.0-or-later
import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomllib
import torch
from diffusers import AutoencoderKL, StableDiffusionInpaintPipeline
from transformers import CLIPTokenizer

from backend.weights.files.catalogue import read_catalogue, verify_completion, verify_extractor
from backend.weights.files.small_networks import WEIGHTS, write_network
from backend.weights.runtime.clip import load_clip_folder
from models.networks.completion import CompletionNet
from models.networks.line_extractor import LineExtractor
from models.recipes.captions import MAX_TOKENS, learn_tokenizer, token_ids
from models.recipes.clip import PROJECTION, build_clip
from models.recipes.export import LORA, export_family, load_painter, ship_student, write_catalogue
from models.recipes.family import Painter, build_text_encoder
from shared.errors import MissingWeights


@pytest.fixture
def tokenizer(tmp_path: Path) -> CLIPTokenizer:
    return learn_tokenizer(["a red apple", "a green apple with a leaf"] * 4, tmp_path / "tokenizer")


@pytest.fixture
def painter(tokenizer: CLIPTokenizer) -> Painter:
    torch.manual_seed(0)
    return Painter.build(tokenizer, (16, 32))


@pytest.fixture
def folder(vae: AutoencoderKL, painter: Painter, tokenizer: CLIPTokenizer, tmp_path: Path) -> Path:
    made = copy.deepcopy(painter)
    clip = build_clip(made.text_encoder, width=32, layers=1)
    export_family(tmp_path / "family", copy.deepcopy(vae), made, tokenizer, resolution=64, clip=clip)
    return tmp_path / "family"


def test_diffusers_loads_it(folder: Path) -> None:
    pipeline = StableDiffusionInpaintPipeline.from_pretrained(folder, dtype=torch.float32)
    prompt, _ = pipeline.encode_prompt("a red apple", torch.device("cpu"), 1, False)
    assert prompt.shape == (1, MAX_TOKENS, 128)
    assert torch.isfinite(prompt).all()
    channels = pipeline.unet.config["in_channels"]
    assert channels == 2 * pipeline.vae.config["latent_channels"] + 1
    with torch.no_grad():
        made = pipeline.unet(torch.randn(1, channels, 8, 8), 999, prompt).sample
    assert torch.isfinite(made).all()
    assert pipeline.scheduler.config["prediction_type"] == "v_prediction"
    assert pipeline.scheduler.alphas_cumprod[-1] == 0
    assert pipeline.safety_checker is None


def test_it_comes_back_as_it_was_written(
    folder: Path, vae: AutoencoderKL, painter: Painter, tokenizer: CLIPTokenizer
) -> None:
    read_vae, read, read_tokenizer = load_painter(folder)
    pairs = [(vae, read_vae), *((painter.networks[name], read.networks[name]) for name in painter.networks)]
    for written, came_back in pairs:
        wanted, found = written.state_dict(), came_back.state_dict()
        assert wanted.keys() == found.keys()
        for name, value in wanted.items():
            assert torch.equal(found[name], value.half().to(found[name].dtype)), name
    assert read_vae.config["scaling_factor"] == 1.0
    captions = ["a red apple", "a green apple with a leaf"]
    assert torch.equal(token_ids(read_tokenizer, captions), token_ids(tokenizer, captions))
    assert read.contour.config["in_channels"] == 1
    assert read.colour.config["in_channels"] == 4


def test_its_clip_reads_and_looks(folder: Path) -> None:
    scores = load_clip_folder(folder, torch.device("cpu"))
    captions = scores.read(["a red apple", "a green apple with a leaf"])
    assert captions.shape == (2, PROJECTION)
    assert not torch.allclose(captions[0], captions[1])
    assert scores.look(torch.rand(1, 3, 256, 200)).shape == (1, PROJECTION)


@pytest.mark.parametrize(
    ("section", "network", "verify", "title"),
    [
        ("extractor", LineExtractor((16, 16), (1, 1)), verify_extractor, "line extractor"),
        ("completion", CompletionNet((8, 8), (1, 1)), verify_completion, "completion network"),
    ],
)
def test_the_catalogue_lists_small_networks_and_finds_damage(
    folder: Path, tmp_path: Path, section: str, network: Any, verify: Callable[[Path], int], title: str
) -> None:
    catalogue, place = tmp_path / "catalogue.toml", tmp_path / "place"
    write_catalogue(folder, catalogue, resolution=64, **{section: place})
    with pytest.raises(MissingWeights, match=f"no {title}"):
        verify(catalogue)
    write_network(network, place)
    write_catalogue(folder, catalogue, resolution=64, **{section: place})
    assert verify(catalogue) == 1
    read_catalogue(catalogue)["embedded"].verify()
    with (place / WEIGHTS).open("ab") as file:
        file.write(b"x")
    with pytest.raises(MissingWeights, match=f"{title.capitalize()}: .* damaged"):
        verify(catalogue)
    (place / WEIGHTS).unlink()
    with pytest.raises(MissingWeights, match="missing"):
        verify(catalogue)


def test_a_clip_with_other_words_is_refused(vae: AutoencoderKL, folder: Path, tmp_path: Path) -> None:
    _, painter, tokenizer = load_painter(folder)
    stranger = build_clip(build_text_encoder(tokenizer), width=32, layers=1)
    with pytest.raises(ValueError, match="text tower"):
        export_family(tmp_path / "other", vae, painter, tokenizer, clip=stranger)
    assert not (tmp_path / "other").exists()


def test_nothing_tells_of_the_machine(folder: Path) -> None:
    for config in folder.rglob("*.json"):
        assert str(folder.parent) not in config.read_text(encoding="utf-8")


def test_catalogue_names_every_weight_file(folder: Path, tmp_path: Path) -> None:
    write_catalogue(folder, tmp_path / "catalogue.toml", resolution=64)
    entry = tomllib.loads((tmp_path / "catalogue.toml").read_text(encoding="utf-8"))["families"]["embedded"]
    assert entry["path"] == "family"
    assert set(entry["files"]) == {p.relative_to(folder).as_posix() for p in folder.rglob("*.safetensors")}
    assert entry["adapters"]["detail"] == "adapters/detail"


def test_a_student_is_shipped_and_leaves_with_its_teacher(
    vae: AutoencoderKL, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "lora").mkdir()
    (tmp_path / "lora" / LORA).write_bytes(b"a student")
    family = tmp_path / "shipped"
    shutil.copytree(folder, family)
    ship_student(tmp_path / "lora", family)
    write_catalogue(family, tmp_path / "catalogue.toml", resolution=64)
    known = read_catalogue(tmp_path / "catalogue.toml")["embedded"]
    assert (known.student, known.quick_steps) == (f"student/{LORA}", 4)
    assert (known.folder / known.student).read_bytes() == b"a student"
    _, painter, tokenizer = load_painter(family)
    export_family(family, vae, painter, tokenizer)
    assert not (family / known.student).exists()
