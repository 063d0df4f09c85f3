# SPDX-License-Identifier: GPL-3.0-or-later
"""A desk for Live's tests: a contour on the canvas, strokes, answers, and pauses set aside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from krita_plugin.underdrawing.model.capture import Plan
from krita_plugin.underdrawing.model.events import Painted, Thumbnail
from krita_plugin.underdrawing.model.roles import Role
from shared.geometry import Bounds

from .canvas_contract import BLACK, GREEN
from .desk import Desk

RECT = Bounds(70, 70, 10, 10)


class Easel(Desk):
    """A desk with a contour drawn across the selection, and Live's part of the link."""

    def __init__(self, home: Path) -> None:
        self.pauses: list[Callable[[], None]] = []
        super().__init__(home)
        self.plans: dict[str, Plan] = {}
        noted = self.link.begin

        def begin(job_id: str, plan: Plan) -> None:
            self.plans[job_id] = plan
            noted(job_id, plan)

        self.link.begin = begin  # type: ignore[method-assign]
        self.ready()
        assert self.session.assign_role(self.canvas, Role.CONTOUR)
        self.contour = self.canvas.active
        self.draw(Bounds(60, 74, 30, 2))

    def draw(self, bounds: Bounds, pixel: bytes = BLACK) -> None:
        self.canvas.ink(self.canvas.active, bounds, pixel)

    def stroke(self, bounds: Bounds) -> None:
        self.draw(bounds)
        self.session.live.end_stroke()

    def switch_on(self) -> str:
        """Live with the first request sent; its job."""
        self.session.live.turn_on(self.canvas)
        self.turn()
        return self.asked()

    def asked(self) -> str:
        return self.link.named("submit")[-1][1]

    def answer(self, job: str, pixel: bytes = GREEN, bounds: Bounds = RECT) -> Painted:
        data = pixel * bounds.extent.area
        painted = Painted(job, bounds, data, "bgra_u8", 5, 0.02, Thumbnail(0, 0, b""))
        self.session.handle(painted)
        self.turn()
        return painted

    def _later(self, act: Callable[[], None], wait_ms: int) -> None:
        """What waits for a pause of the artist's is set aside."""
        if wait_ms >= 100:
            self.pauses.append(act)
        else:
            super()._later(act, wait_ms)

    def feeds(self, job: str) -> set[str]:
        return {call[2] for call in self.link.named("feed") if call[1] == job}

    def on_pane(self) -> set[bytes]:
        return set(self.canvas.find(self.canvas.named("Preview").id).pixels.values())
