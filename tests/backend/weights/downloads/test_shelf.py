# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from backend import home
from backend.weights.downloads import fetching as downloads
from backend.weights.downloads.meter import Progress
from backend.weights.downloads.shelf import ModelShelf
from backend.weights.files.download_list import Download, find_entry
from shared.errors import BadRequest, Cancelled
from shared.model_messages import ModelInfo, ModelProgress


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNDERDRAWING_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("UNDERDRAWING_OFFLINE", raising=False)
    return tmp_path / "home"


def named(title: str) -> ModelInfo:
    (found,) = (model for model in ModelShelf().models().models if model.title == title)
    return found


def write_lora(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    layer = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
    save_file(
        {f"{layer}.lora_down.weight": torch.zeros(4, 768), f"{layer}.lora_up.weight": torch.zeros(320, 4)},
        path,
    )


def test_what_ships_is_ready_and_what_can_be_had_has_a_size_before_the_click() -> None:
    shelf = ModelShelf().models()
    assert named("Embedded").state == "ready"
    offered = [model for model in shelf.models if model.state == "missing"]
    assert len(offered) > 10
    assert all(
        model.id and model.size_bytes > 1_000_000 and model.what and model.licence for model in offered
    )
    assert not shelf.offline and not shelf.problem and shelf.folders == ()


def test_the_artists_folder_is_looked_through(tmp_path: Path) -> None:
    write_lora(tmp_path / "mine" / "ink.safetensors")
    (tmp_path / "mine" / "old.ckpt").write_bytes(b"\x80\x02}q")
    ModelShelf().use_folder(str(tmp_path / "mine"), True)
    ink, old = named("ink"), named("old")
    assert (ink.state, ink.kind, ink.base) == ("ready", "LoRA", "SD 1.5")
    assert ink.place == str(tmp_path / "mine" / "ink.safetensors")
    assert old.state == "unusable" and "safetensors" in old.problem
    assert ModelShelf().models().folders == (str(tmp_path / "mine"),)
    ModelShelf().use_folder(str(tmp_path / "mine"), False)
    assert ModelShelf().models().folders == ()
    assert (tmp_path / "mine" / "ink.safetensors").exists()


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="cannot be opened"):
        ModelShelf().use_folder(str(tmp_path / "none"), True)


def test_offline_is_told(own_home: Path) -> None:
    own_home.mkdir()
    home.set_offline(True)
    assert ModelShelf().models().offline


def test_a_download_tells_how_far_it_is_and_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def slow(entry: Download, report: object, check_cancel: object) -> None:
        asked.append(entry.id)
        report(Progress("unet", 5, 9, 2.0, 2.0))  # type: ignore[operator]
        check_cancel()  # type: ignore[operator]

    monkeypatch.setattr(downloads, "get", slow)
    told: list[ModelProgress] = []

    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        ModelShelf().get("sd15", told.append, stop)
    assert asked == ["sd15"]
    assert told == [ModelProgress("sd15", True, 5, 9, 2.0, 2.0)]
    with pytest.raises(BadRequest, match="no model"):
        ModelShelf().get("nonsense", told.append, stop)


def test_what_was_fetched_is_called_as_in_the_list(own_home: Path) -> None:
    write_lora(own_home / "models" / "lcm-sd15" / "pytorch_lora_weights.safetensors")
    ids = [model.id for model in ModelShelf().models().models if model.kind == "LoRA" and model.id]
    entry = find_entry(ids[0])
    write_lora(own_home / "models" / entry.id / "pytorch_lora_weights.safetensors")
    found = [model for model in ModelShelf().models().models if model.title == entry.title and model.place]
    assert len(found) == 1 and found[0].what == entry.why
