# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
import torch

from backend.weights import checkpoints, families, own_files
from backend.weights.model_file import ModelFile
from shared.errors import MissingWeights
from tests.backend.pipelines import small_release, write_adapter, write_folder, write_single

CPU = torch.device("cpu")


def adapter(path: Path, base: str, guides: str) -> ModelFile:
    folder = write_adapter(path, base, 1 if guides == "lines" else 3)
    file = folder / "diffusion_pytorch_model.safetensors"
    return ModelFile(file, "t2i_adapter", base, path.name, 9, guides=guides)  # type: ignore[arg-type]


def test_adapters_of_the_same_family_guide_a_checkpoint(tmp_path: Path) -> None:
    files = [
        adapter(tmp_path / "xl", "sdxl", "picture"),
        adapter(tmp_path / "lines", "sd15", "lines"),
        adapter(tmp_path / "colour", "sd15", "colour"),
    ]
    found = ModelFile(tmp_path / "a.safetensors", "checkpoint", "sd15", "a", 9)
    encoders = own_files.companions_of(found, files).encoders
    assert encoders == {
        "contour": tmp_path / "lines",
        "detail": tmp_path / "lines",
        "colour": tmp_path / "colour",
    }
    assert own_files.companions_of(found, files[:1]).encoders == {}


def test_own_checkpoints_are_listed_and_loaded_by_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = small_release(tmp_path / "configs", "sd15")
    single = write_single(tmp_path / "mine.safetensors", write_folder(tmp_path / "f", release), release)
    entry = ModelFile(single, "checkpoint", "sd15", "mine", 3 << 20, inpaint=True)
    lora = ModelFile(tmp_path / "lora.safetensors", "lora", "sd15", "lora", 9)
    broken = ModelFile(tmp_path / "b.safetensors", "checkpoint", "sd15", "b", 9, problem="It is damaged.")
    monkeypatch.setattr(own_files, "scanned", lambda: (entry, lora, broken))
    monkeypatch.setattr(checkpoints, "recognise", lambda path: entry)
    monkeypatch.setitem(checkpoints.RELEASES, "sd15", release)
    own = [info for info in families.list_families() if info.id.startswith(families.FILE)]
    assert [(info.id, info.ready, info.resolution) for info in own] == [(f"file:{single}", True, 64)]
    assert "mine" in own[0].title and "inpainting" in own[0].title
    assert families.weights_mib(own[0].id) == 3
    model = families.load_family(own[0].id, CPU)
    assert (model.title, model.resolution, model.steps) == ("mine", 64, 2)
    single.unlink()
    with pytest.raises(MissingWeights, match="not there any more"):
        families.load_family(own[0].id, CPU)
