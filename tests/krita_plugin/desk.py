# SPDX-License-Identifier: GPL-3.0-or-later
"""A session with a link that only writes down, and an event loop and a clock by hand."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from krita_plugin.underdrawing.model.canvas import Band
from krita_plugin.underdrawing.model.capture import Order, Painting, Plan, Source
from krita_plugin.underdrawing.model.events import Backend, Inked, Painted, Thumbnail
from krita_plugin.underdrawing.model.remote import Remote
from krita_plugin.underdrawing.model.session import Session
from shared.geometry import Bounds
from shared.messages import ClientMessage

from .canvas_contract import GREEN
from .fake_canvas import FakeCanvas


class NotingLink:
    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def open(self) -> None:
        self.calls.append(("open",))

    def close(self, *, stop_backend: bool) -> None:
        self.calls.append(("close", stop_backend))

    def use(self, remote: Remote | None) -> None:
        self.calls.append(("use", remote))

    def begin(self, job_id: str, plan: Plan) -> None:
        self.calls.append(("begin", job_id))

    def feed(self, job_id: str, source: Source, band: Band) -> None:
        self.calls.append(("feed", job_id, source.name))

    def submit(self, job_id: str, order: Order) -> None:
        seed = order.seed if isinstance(order, Painting) else 0
        self.calls.append(("submit", job_id, order, seed))

    def cancel(self, job_id: str) -> None:
        self.calls.append(("cancel", job_id))

    def ask(self, message: ClientMessage) -> None:
        self.calls.append(("ask", message))

    def named(self, name: str) -> list[tuple[Any, ...]]:
        return [call for call in self.calls if call[0] == name]


class Desk:
    """A session with its link, its turns of the event loop, a clock by hand and a marked canvas."""

    def __init__(self, home: Path) -> None:
        self.link = NotingLink()
        self.turns: deque[Callable[[], None]] = deque()
        self.waits: list[int] = []
        self.now = 0.0
        self.session = Session(self.link, home, self._later, self._clock)
        self.canvas = FakeCanvas(150, 150)
        self.canvas.selected = Bounds(70, 70, 10, 10)

    def _later(self, act: Callable[[], None], wait_ms: int) -> None:
        self.turns.append(act)
        self.waits.append(wait_ms)

    def _clock(self) -> float:
        self.now += 0.0015
        return self.now

    def turn(self, most: int = 1000) -> int:
        done = 0
        while self.turns and done < most:
            self.turns.popleft()()
            done += 1
        return done

    def ready(self) -> None:
        self.session.handle(Backend("ready", "Ready"))

    def paint(self) -> str:
        self.ready()
        assert self.session.paint(self.canvas)
        self.turn()
        assert self.session.job is not None
        return self.session.job.id

    def painted(self, job_id: str) -> Painted:
        small = Thumbnail(1, 1, b"abcd")
        return Painted(job_id, Bounds(60, 60, 4, 4), GREEN * 16, "bgra_u8", 5, 1.0, small)

    def inked(self, job_id: str) -> Inked:
        small = Thumbnail(1, 1, b"abcd")
        return Inked(job_id, Bounds(60, 60, 4, 4), bytes([9] * 16), bytes([200] * 16), 1.0, small)
