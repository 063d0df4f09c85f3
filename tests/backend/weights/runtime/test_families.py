# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from backend.weights.files.catalogue import Family
from backend.weights.runtime import families as known
from backend.weights.runtime.base_model import BaseModel
from backend.weights.runtime.families import list_families, load_family, load_folder
from shared.errors import BadRequest, MissingWeights

CPU = torch.device("cpu")


@pytest.fixture
def copy(families: dict[str, Family], tmp_path: Path) -> Family:
    shutil.copytree(families["embedded"].folder, tmp_path / "copy")
    return replace(families["embedded"], folder=tmp_path / "copy")


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def garbage(path: Path) -> None:
    path.write_bytes(b"\xff" * 5000)


def removed(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("damage", [cut_short, garbage, removed])
@pytest.mark.parametrize(
    "name",
    [
        "unet/diffusion_pytorch_model.safetensors",
        "text_encoder/model.safetensors",
        "adapters/colour/diffusion_pytorch_model.safetensors",
        "vae/config.json",
    ],
)
def test_damage_is_told_with_a_remedy(copy: Family, name: str, damage: Callable[[Path], None]) -> None:
    damage(copy.folder / name)
    with pytest.raises(MissingWeights, match=r"install\.py"):
        load_folder(copy, CPU)


def test_weights_of_another_size_are_refused(copy: Family, families: dict[str, Family]) -> None:
    file = "vae/diffusion_pytorch_model.safetensors"
    shutil.copyfile(families["sd15"].folder / file, copy.folder / file)
    with pytest.raises(MissingWeights):
        load_folder(copy, CPU)


def test_pickles_are_not_opened(copy: Family) -> None:
    (copy.folder / "unet/diffusion_pytorch_model.safetensors").unlink()
    torch.save({}, copy.folder / "unet/diffusion_pytorch_model.bin")
    with pytest.raises(MissingWeights):
        load_folder(copy, CPU)


def test_loads_what_was_saved(copy: Family) -> None:
    model = load_folder(copy, CPU)
    assert isinstance(model, BaseModel)
    assert set(model.encoders) == {"contour", "detail", "colour"}
    assert model.resolution == copy.resolution
    assert not any(weight.requires_grad for weight in model.unet.parameters())


def test_listing_and_loading_by_id(copy: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = replace(copy, id="broken", folder=copy.folder / "none")
    monkeypatch.setattr(known, "read_catalogue", lambda: {"embedded": copy, "broken": broken})
    ready, absent = list_families()
    assert (ready.id, ready.ready, ready.resolution) == ("embedded", True, 64)
    assert not absent.ready
    assert "missing" in absent.note
    assert load_family("embedded", CPU).title == copy.title
    with pytest.raises(BadRequest, match="Choose one of: embedded, broken"):
        load_family("sdxl")
    with pytest.raises(MissingWeights):
        load_family("broken")
    cut_short(copy.folder / "unet/diffusion_pytorch_model.safetensors")
    with pytest.raises(MissingWeights, match="damaged"):
        load_family("embedded")


def test_listing_needs_no_torch() -> None:
    listing = "import sys, backend.weights.runtime.families as made"
    code = f"{listing}; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
