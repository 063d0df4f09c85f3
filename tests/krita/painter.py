# SPDX-License-Identifier: GPL-3.0-or-later
"""A painter's hand and eye: what the tests do with mouse and keyboard, in canvas pixels."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.programs.krita_session import KritaSession, wait_for

Points = Sequence[tuple[int, int]]
Box = tuple[int, int, int, int]
"""x, y, width, height in canvas pixels."""

LAYERS = {"contour": "Contour", "detail": "Detail", "colours": "Colours", "mask": "Mask"}


NEWEST = "[item.id for item in session().history.items[:1]]"
"""The last result in the history; their number stops growing when it is full."""

SETTLING_S = 0.6
"""Krita 5.1 looks at changed layers a moment later (KisNodeModel::processUpdateQueue), and crashes when their
document was closed meanwhile."""


class Painter:
    """Works in one Krita.

    Args:
        krita: A running Krita that knows `inside.py`.
        album: Folder for screenshots.
    """

    def __init__(self, krita: KritaSession, album: Path) -> None:
        self.krita, self.album = krita, album
        self.ask = krita.call

    def new_picture(
        self, width: int = 512, height: int = 512, *, depth: str = "U8", model: str = "RGBA"
    ) -> None:
        """Open a white picture, shown in whole, with the docker in front."""
        self.ask("new_document", width, height, model, depth)
        self._settle(width, height)

    def open_picture(self, path: Path) -> None:
        self.ask("open_document", str(path))
        self._settle(self.krita.run("document().width()"), self.krita.run("document().height()"))

    def _settle(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.ask("show_docker")
        self.krita.wait(
            "window().activeView().document() is not None and document().activeNode() is not None"
        )
        _, _, across, down = self.ask("canvas_frame")
        self.scale = min(1.0, across / width * 0.95, down / height * 0.95)
        self.ask("zoom", self.scale)

    def close_documents(self) -> None:
        """Close all, a moment after the last change: see SETTLING_S."""
        time.sleep(SETTLING_S)
        self.ask("close_documents")

    def stroke(self, points: Points) -> None:
        """Draw through these canvas pixels with the mouse."""
        left, top, across, down = self.ask("canvas_frame")
        on_screen = [
            (
                round(left + across / 2 + (x - self.width / 2) * self.scale),
                round(top + down / 2 + (y - self.height / 2) * self.scale),
            )
            for x, y in points
        ]
        self.krita.drag(on_screen)
        self.krita.run("document().waitForDone()")

    def click(self, part: str) -> None:
        """Click the middle of a part of the panel: "paint", "roles.contour"."""
        x, y, width, height = self.ask("part_frame", part)
        self.krita.click(x + width // 2, y + height // 2)

    def take_role(self, role: str) -> None:
        """Click a role's button and wait until its layer is active."""
        self.click(f"roles.{role}")
        self.krita.wait("document().activeNode().name() == layer", layer=LAYERS[role])

    def layer_of(self, role: str) -> str:
        return LAYERS[role]

    def active(self) -> str:
        return self.krita.run("document().activeNode().name()")

    def draw_a_cup(self) -> None:
        """Contour, a detail and two dabs of colour, each on its layer, within a 512 px picture."""
        self.take_role("contour")
        self.stroke([(170, 160), (190, 300), (230, 320), (290, 300), (310, 160), (170, 160)])
        self.stroke([(310, 190), (350, 200), (350, 250), (302, 260)])
        self.take_role("detail")
        self.stroke([(180, 220), (240, 235), (300, 220)])
        self.take_role("colours")
        self.stroke([(215, 190), (265, 190)])
        self.stroke([(220, 280), (260, 280)])

    def select_with_mouse(self, x: int, y: int, width: int, height: int) -> None:
        """Drag a rectangle with Krita's own selection tool, then take the brush again."""
        self.ask("trigger", "KisToolSelectRectangular")
        self.stroke([(x, y), (x + width // 2, y + height // 2), (x + width, y + height)])
        self.krita.wait("document().selection() is not None and document().selection().width() > 0")
        self.ask("trigger", "KritaShape/KisToolBrush")

    def paint(self, steps: int) -> None:
        """Choose the steps and click Paint."""
        self.krita.run("part('more').steps.setValue(steps)", steps=steps)
        self.wait_until_ready()
        self.click("paint")

    def wait_until_ready(self) -> None:
        self.krita.wait("session().backend.phase == 'ready' and session().job is None", 240)

    def wait_for_steps(self) -> None:
        """Wait until the running job has told of a step."""
        self.krita.wait("part('paint').fraction > 0", 240)

    def wait_until_idle(self, timeout_s: float) -> None:
        self.krita.wait("not part('paint').busy", timeout_s)

    def cancel_and_wait(self) -> None:
        self.click("paint")
        self.wait_until_idle(60)

    def wait_for_error(self, timeout_s: float = 60) -> str:
        """Wait for the panel's error; its words."""
        self.krita.wait("part('error').isVisible()", timeout_s)
        return self.krita.run("part('error').words()")

    def click_history(self, index: int) -> None:
        x, y, width, height = self.ask("history_frame", index)
        self.krita.click(x + width // 2, y + height // 2)

    def undo(self) -> None:
        self.ask("trigger", "edit_undo")
        self.krita.run("document().waitForDone()")

    def redo(self) -> None:
        self.ask("trigger", "edit_redo")
        self.krita.run("document().waitForDone()")

    def changed_bounds(self, before: bytes, after: bytes, pixel_bytes: int = 4) -> Box | None:
        """The smallest rectangle of pixels whose bytes differ."""
        shape = (self.height, self.width, pixel_bytes)
        one, two = (np.frombuffer(data, np.uint8).reshape(shape) for data in (before, after))
        rows, columns = np.nonzero((one != two).any(axis=2))
        if rows.size == 0:
            return None
        x, y = int(columns.min()), int(rows.min())
        return x, y, int(columns.max()) + 1 - x, int(rows.max()) + 1 - y

    def inside(self, inner: Box, outer: Box) -> bool:
        """Whether a rectangle lies within another."""
        return (
            inner[0] >= outer[0]
            and inner[1] >= outer[1]
            and inner[0] + inner[2] <= outer[0] + outer[2]
            and inner[1] + inner[3] <= outer[1] + outer[3]
        )

    def backend(self) -> psutil.Process:
        """The backend that this Krita uses."""
        return psutil.Process(json.loads((self.krita.home / "run" / "backend.json").read_text())["pid"])

    def worker(self) -> psutil.Process:
        """The process that paints: the backend's child with torch in it."""
        return max(self.backend().children(recursive=True), key=lambda p: p.memory_info().rss)

    def type(self, words: str) -> None:
        """Type into the prompt."""
        self.click("prompt")
        self.krita.mouse("type", "--delay", 15, words)

    def look(self, name: str) -> Path:
        """Keep a screenshot."""
        return self.krita.screenshot(self.album / f"{name}.png")

    def wait_for_layer(self, start: str, timeout_s: float = 300) -> str:
        """Wait until a top-level layer's name starts so; the whole name. An error ends the wait."""
        return wait_for(lambda: self._named(start), timeout_s, f"a layer {start!r}", pause_s=0.2)

    def _named(self, start: str) -> Any:
        words = self.krita.run("part('error').isVisible() and part('error').words()")
        assert not words or self.krita.run("getattr(session().notice, 'code', '')") == "note", words
        return next((name for name in self.ask("top_names") if name.startswith(start)), None)
