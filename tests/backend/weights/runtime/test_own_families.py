# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
import torch

from backend.weights.files.model_file import ModelFile
from backend.weights.runtime import checkpoints, families, own_files
from shared.errors import MissingWeights
from tests.backend.pipelines import small_release, write_folder, write_single

CPU = torch.device("cpu")


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
