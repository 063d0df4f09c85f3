# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from backend import home
from backend.weights.downloads import model_folders as library
from backend.weights.downloads.model_folders import add_folder, folders, remove_folder, scan
from backend.weights.files.model_file import ModelFile
from benchmarks.model_headers import Shapes, write_header
from shared.errors import BadRequest, Refusal

WORD: Shapes = {"emb_params": (2, 768)}
LORA: Shapes = {"lora_te_text_model_encoder_layers_0_self_attn_q_proj.lora_down.weight": (4, 768)}


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(home.HOME_VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Three models, one damaged, one pickled, and a folder of a family."""
    folder = tmp_path / "models"
    write_header(folder / "embeddings/word.safetensors", WORD)
    write_header(folder / "loras/style/ink.SAFETENSORS", LORA)
    write_header(folder / "loras/cut.safetensors", WORD)
    os.truncate(folder / "loras/cut.safetensors", 30)
    (folder / "old.ckpt").write_bytes(b"\x80\x02")
    (folder / "notes.txt").write_text("not a model")
    write_header(folder / "family/unet/diffusion_pytorch_model.safetensors", WORD)
    (folder / "family/model_index.json").write_text("{}")
    return folder


def names(found: tuple[ModelFile, ...]) -> list[str]:
    return [entry.path.name for entry in found]


def forbidden(path: Path) -> ModelFile:
    raise AssertionError(f"{path} was looked at again")


def test_folders_are_remembered_in_order(tmp_path: Path, own_home: Path) -> None:
    assert folders() == () and not own_home.exists()
    for name in ("b", "a", "b"):
        (tmp_path / name).mkdir(exist_ok=True)
        assert add_folder(tmp_path / name) == tmp_path / name
    assert folders() == (tmp_path / "b", tmp_path / "a")
    remove_folder(tmp_path / "b")
    assert folders() == (tmp_path / "a",)
    assert [path.name for path in own_home.iterdir()] == ["models.json"], "no half-written file is left"


def test_a_folder_given_from_here_or_from_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path)
    assert add_folder(Path("a")) == tmp_path / "a"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert add_folder(Path("~/a")) == tmp_path / "a" and len(folders()) == 1


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "absent"):
        with pytest.raises(BadRequest, match="cannot be opened as a folder"):
            add_folder(path)
    with pytest.raises(BadRequest, match="not among your folders"):
        remove_folder(tmp_path)
    assert folders() == ()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"folders": 3}', "\xff"])
def test_a_list_that_cannot_be_read(own_home: Path, text: str) -> None:
    own_home.mkdir()
    (own_home / "models.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(Refusal, match=r"cannot be read.*Delete it"):
        folders()


def test_everything_below_is_listed_once(models: Path) -> None:
    notes: list[str] = []
    found = scan([models, models / "loras"], notes.append)
    assert names(found) == ["word.safetensors", "family", "cut.safetensors", "ink.SAFETENSORS", "old.ckpt"]
    assert {entry.path.name: entry.kind for entry in found if entry.usable} == {
        "word.safetensors": "textual_inversion",
        "ink.SAFETENSORS": "lora",
    }
    problems = {entry.path.name: entry.problem for entry in found}
    assert (
        "damaged" in problems["cut.safetensors"] and "pickled" in problems["old.ckpt"] and problems["family"]
    )
    assert notes == []


def test_a_second_scan_looks_at_no_file_again(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = scan([models])
    with monkeypatch.context() as patch:
        patch.setattr(library, "recognise", forbidden)
        assert scan([models]) == first


def test_what_changed_is_looked_at_again_and_nothing_else(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan([models])
    looked: list[str] = []

    def watched(path: Path) -> ModelFile:
        looked.append(path.name)
        return recognise(path)

    recognise = library.recognise
    monkeypatch.setattr(library, "recognise", watched)
    write_header(models / "embeddings/word.safetensors", {"emb_params": (9, 768)})
    write_header(models / "family/unet/diffusion_pytorch_model.safetensors", LORA)
    (models / "old.ckpt").unlink()
    write_header(models / "new.safetensors", WORD)
    found = scan([models])
    assert sorted(looked) == ["family", "new.safetensors", "word.safetensors"]
    assert "old.ckpt" not in names(found) and found[0].tokens == 9


def test_one_folder_scanned_alone_keeps_what_is_known_of_others(
    models: Path, monkeypatch: pytest.MonkeyPatch, own_home: Path
) -> None:
    first = scan([models / "loras", models / "embeddings"])
    (models / "embeddings/word.safetensors").unlink()
    scan([models / "embeddings"])
    monkeypatch.setattr(library, "recognise", forbidden)
    assert scan([models / "loras"]) == tuple(entry for entry in first if "loras" in str(entry.path))
    kept = json.loads((own_home / "caches/models.json").read_text())["entries"]
    assert not any("word" in path for path in kept), "what is gone is forgotten"


@pytest.mark.parametrize(
    "text", ["", "[1]", '{"rules": "0", "entries": {}}', '{"rules": "RULES", "entries": [3]}', "CHANGED"]
)
def test_a_cache_that_makes_no_sense_is_made_again(models: Path, own_home: Path, text: str) -> None:
    first = scan([models])
    cache = own_home / "caches/models.json"
    if text == "CHANGED":
        listing = json.loads(cache.read_text())
        odd = [3, ["x", {}], [listing["entries"][str(first[0].path)][0], {"colour": "red"}], None, []]
        listing["entries"] = dict(zip(listing["entries"], odd, strict=True))
        text = json.dumps(listing)
    cache.write_text(text.replace("RULES", library.RULES))
    assert scan([models]) == first
    assert scan([models]) == first


def test_links_are_followed_and_loops_end(models: Path) -> None:
    (models / "loras/again").symlink_to(models, target_is_directory=True)
    (models / "twice.safetensors").symlink_to(models / "embeddings/word.safetensors")
    (models / "broken.safetensors").symlink_to(models / "nowhere")
    elsewhere = models.parent / "elsewhere"
    write_header(elsewhere / "far.safetensors", WORD)
    (models / "far").symlink_to(elsewhere, target_is_directory=True)
    notes: list[str] = []
    found = names(scan([models], notes.append))
    assert "far.safetensors" in found and len(found) == len(set(found)) == 6
    assert sum(name in ("twice.safetensors", "word.safetensors") for name in found) == 1
    assert len(notes) == 1 and "broken.safetensors was passed over" in notes[0]


def test_hidden_names_are_passed_over(models: Path) -> None:
    write_header(models / ".cache/half.safetensors", WORD)
    write_header(models / ".half.safetensors", WORD)
    assert not any("half" in name for name in names(scan([models])))


def test_a_folder_that_is_gone_is_a_note(models: Path, tmp_path: Path) -> None:
    notes: list[str] = []
    assert len(scan([tmp_path / "gone", models], notes.append)) == 5
    assert len(notes) == 1 and str(tmp_path / "gone") in notes[0]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_a_note(models: Path) -> None:
    (models / "loras").chmod(0)
    notes: list[str] = []
    found = scan([models], notes.append)
    (models / "loras").chmod(0o700)
    assert "word.safetensors" in names(found) and "passed over" in notes[0]


def test_a_cache_that_cannot_be_written_stops_nothing(models: Path, own_home: Path) -> None:
    own_home.mkdir()
    (own_home / "caches").write_text("a file where the folder should be")
    notes: list[str] = []
    assert len(scan([models], notes.append)) == 5
    assert "cannot be written" in notes[0]


def test_names_that_are_no_words_are_kept_as_they_are(models: Path) -> None:
    shutil.copy(models / "embeddings/word.safetensors", os.fsencode(models) + b"/\xff.safetensors")
    first = scan([models])
    assert len(first) == 6 and scan([models]) == first


def test_no_scan_changes_how_garbage_is_collected(models: Path) -> None:
    import gc

    scan([models])
    assert gc.isenabled()
