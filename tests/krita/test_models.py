# SPDX-License-Identifier: GPL-3.0-or-later
"""The window of models, in real Krita."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from .painter import Painter

pytestmark = [pytest.mark.krita, pytest.mark.timeout(300)]

SHOWN = """
messages = session().library.take.__globals__["model_messages"]
Info, Progress = messages.ModelInfo, messages.ModelProgress
session().library.take(messages.Models(
    ("/home/painter/ComfyUI/models", "/home/painter/stable-diffusion/loras"),
    (
        Info("Embedded", "checkpoint", "256 px", 46_700_000, "ready", what="Paints on any computer."),
        Info("dreamy_v4", "checkpoint", "SD 1.5", 2_132_625_894, "ready", place="/m/dreamy.safetensors"),
        Info("ink-lines", "LoRA", "SD 1.5", 37_861_176, "ready"),
        Info("Stable Diffusion 1.5", "checkpoint", "SD 1.5", 2_740_000_000, "missing", id="sd15",
             what="Paints at 512 px.", licence="CreativeML Open RAIL-M"),
        Info("Sketch adapter", "lines", "SD 1.5", 308_000_000, "missing", id="sketch"),
        Info("old", "checkpoint", "", 4_265_000_000, "unusable",
             problem="It is a pickle, which can run any program. Convert it to .safetensors."),
    ),
    "/home/painter/.local/share/underdrawing/models",
))
session().library.take(Progress("sd15", True, 959_000_000, 2_740_000_000, 12_500_000.0, 142.0))
"""


def window(painter: Painter, expression: str) -> object:
    return painter.krita.run(f"docker().presenter._models.{expression}")


def test_the_window_shows_what_is_here_and_what_can_be_had(painter: Painter) -> None:
    painter.new_picture(256, 256)
    painter.wait_until_ready()
    painter.krita.run("known_before = session().library.known")
    painter.krita.run("docker().panel.models_clicked.emit()")
    painter.krita.wait("docker().presenter._models.isVisible()")
    painter.krita.wait("session().library.known is not known_before")  # the backend's own list
    painter.krita.run(SHOWN)
    painter.look("models")
    assert window(painter, "tree.topLevelItemCount()") == 3
    assert window(painter, "rows['sd15'].bar.format()") == "35 % · 12 MB/s · 2 min left"
    assert window(painter, "rows['sketch'].get.isVisible()")
    painter.krita.run(
        "tree = docker().presenter._models.tree; tree.setCurrentItem(tree.topLevelItem(2).child(0))"
    )
    assert "pickle" in str(window(painter, "details.text()"))
    painter.look("unusable")
    painter.krita.run(
        "tree = docker().presenter._models.tree; tree.setCurrentItem(tree.topLevelItem(0).child(2))"
        "; tree.itemActivated.emit(tree.currentItem(), 0)"
    )
    assert painter.krita.run("part('prompt').toPlainText()") == "<lora:ink-lines:1>"
    painter.krita.run("docker().presenter._models.close()")
    painter.krita.wait("docker().presenter._models is None")


def test_a_folder_of_ones_own(painter: Painter, tmp_path: Path) -> None:
    layer = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
    tensors = {
        f"{layer}.lora_down.weight": np.zeros((4, 768), np.float16),
        f"{layer}.lora_up.weight": np.zeros((320, 4), np.float16),
    }
    save_file(tensors, tmp_path / "my ink.safetensors")
    (tmp_path / "old.ckpt").write_bytes(b"\x80\x02}q")
    painter.new_picture(256, 256)
    painter.wait_until_ready()
    painter.krita.run("docker().panel.models_clicked.emit()")
    painter.krita.wait("session().library.known.target", 30)
    painter.krita.run("docker().presenter._models.folder_added.emit(folder)", folder=str(tmp_path))
    painter.krita.wait("session().library.known.folders == (folder,)", 30, folder=str(tmp_path))
    states = dict(painter.krita.run("[(m.title, m.state) for m in session().library.known.models]"))
    assert states["my ink"] == "ready"
    assert states["old"] == "unusable"
    assert states["Embedded"] == "ready"
    assert "missing" in states.values()
    painter.look("folder")
    painter.krita.run("docker().presenter._models.folder_removed.emit(folder)", folder=str(tmp_path))
    painter.krita.wait("session().library.known.folders == ()", 30)
    painter.krita.run("docker().presenter._models.close()")
