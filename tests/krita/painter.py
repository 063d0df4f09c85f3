# SPDX-License-Identifier: GPL-3.0-or-later
"""A painter's hand and eye: what the tests do with mouse and keyboard, in canvas pixels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backend.bench.krita_session import KritaSession, wait_for

Points = Sequence[tuple[int, int]]


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

    def take_role(self, role: str, layer: str) -> None:
        """Click a role's button and wait until its layer is active."""
        self.click(f"roles.{role}")
        self.krita.wait("document().activeNode().name() == layer", layer=layer)

    def type(self, words: str) -> None:
        """Type into the prompt."""
        self.click("prompt")
        self.krita.mouse("type", "--delay", 15, words)

    def look(self, name: str) -> Path:
        """Keep a screenshot."""
        return self.krita.screenshot(self.album / f"{name}.png")

    def wait_for_layer(self, start: str, timeout_s: float = 90) -> str:
        """Wait until a top-level layer's name starts so; the whole name."""
        return wait_for(lambda: self._named(start), timeout_s, f"a layer {start!r}", pause_s=0.2)

    def _named(self, start: str) -> Any:
        return next((name for name in self.ask("top_names") if name.startswith(start)), None)
