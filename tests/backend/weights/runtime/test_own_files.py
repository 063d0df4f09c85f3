# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path

import pytest

from backend.weights.downloads import model_folders as library
from backend.weights.files.recognise import recognise
from backend.weights.runtime.checkpoints import Companions
from backend.weights.runtime.own_files import checkpoints, companions_of, entry_of
from benchmarks import model_headers as made


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNDERDRAWING_HOME", str(tmp_path / "home"))
    library.models_folder().mkdir(parents=True)
    return library.models_folder()


def folder_of(path: Path, shapes: made.Shapes) -> Path:
    made.write_header(path / "diffusion_pytorch_model.safetensors", shapes)
    (path / "config.json").write_text(json.dumps({}))
    return path


def companions(shelf: Path, base: str = "sd15", channels: int = 4) -> Companions:
    path = made.write_header(shelf / f"{base}-{channels}.safetensors", made.checkpoint(base, channels))
    assert path in [entry.path for entry in checkpoints()]
    return companions_of(entry_of(path))


def test_adapters_in_one_file_and_in_folders_are_found_by_what_they_take(shelf: Path) -> None:
    lines = made.write_header(shelf / "a.safetensors", made.adapter("full_adapter", 1))
    colour = folder_of(shelf / "b", made.adapter("light_adapter", 3))
    made.write_header(shelf / "c.safetensors", made.adapter("full_adapter_xl", 3))
    assert companions(shelf).encoders == {"contour": lines, "detail": lines, "colour": colour}


def test_controlnets_are_told_by_their_names(shelf: Path) -> None:
    scribble = made.write_header(shelf / "my_scribble.safetensors", made.controlnet("sd15"))
    known = folder_of(shelf / "control_inpaint", made.controlnet("sd15"))
    made.write_header(shelf / "depth.safetensors", made.controlnet("sd15"))
    made.write_header(shelf / "scribble-xl.safetensors", made.controlnet("sdxl"))
    assert companions(shelf).controls == {"lines": scribble, "known": known}


def test_an_inpainting_model_sees_the_picture_itself(shelf: Path) -> None:
    made.write_header(shelf / "inpaint.safetensors", made.controlnet("sd15"))
    assert companions(shelf, channels=9).controls == {}


def test_an_adapter_and_a_controlnet_do_not_both_hold_the_lines(shelf: Path) -> None:
    lines = made.write_header(shelf / "a.safetensors", made.adapter("full_adapter", 1))
    made.write_header(shelf / "scribble.safetensors", made.controlnet("sd15"))
    found = companions(shelf)
    assert found.controls == {}
    assert found.encoders["contour"] == lines


def test_small_decoders_are_those_that_were_fetched_for_the_family(shelf: Path) -> None:
    folder_of(shelf / "sd15-preview", made.tiny_vae())
    folder_of(shelf / "sdxl-preview", made.tiny_vae())
    folder_of(shelf / "whose", made.tiny_vae())
    assert companions(shelf).tiny_vae == shelf / "sd15-preview"
    assert companions(shelf, "sdxl").tiny_vae == shelf / "sdxl-preview"


def test_a_file_outside_the_folders_is_read_itself(shelf: Path, tmp_path: Path) -> None:
    path = made.write_header(tmp_path / "x.safetensors", made.checkpoint("sd15"))
    assert entry_of(path) == recognise(path)


@pytest.mark.parametrize("name", ["t2i-adapter-sketch-xl", "sdxl-lines"])
def test_adapters_for_pictures_are_told_by_their_names(shelf: Path, name: str) -> None:
    folder_of(shelf / "a-depth-xl", made.adapter("full_adapter_xl", 3))
    assert companions(shelf, "sdxl").encoders == {}
    sketch = folder_of(shelf / name, made.adapter("full_adapter_xl", 3))
    assert companions(shelf, "sdxl").encoders == {"contour": sketch, "detail": sketch}
