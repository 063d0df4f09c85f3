# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a download is, how fast it goes and how long it will take."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from backend.weights.downloads.hub import Part

SPEED_WINDOW_S = 5.0
REPORT_EVERY_S = 0.1


@dataclass(frozen=True)
class Progress:
    """Where a download stands.

    Args:
        file: The file that is coming.
        seconds_left: None while the speed is not known.
    """

    file: str
    done_bytes: int
    total_bytes: int
    bytes_per_second: float
    seconds_left: float | None


class Meter:
    """Adds up what came, and tells it ten times a second."""

    def __init__(self, total_bytes: int, report: Callable[[Progress], None]) -> None:
        self.total_bytes, self.report = total_bytes, report
        self._whole = self._told_at = 0.0
        self._file, self._part = "", None
        self._marks: deque[tuple[float, float]] = deque()

    def add(self, size_bytes: int) -> None:
        """Something that was there already."""
        self._whole += size_bytes

    def begin(self, file: str, part: Part) -> None:
        self._file, self._part = file, part
        self._marks.clear()
        self.tick(always=True)

    def end(self) -> None:
        self.tick(always=True)
        if self._part is not None:
            self._whole += self._part.done_bytes
            self._part = None

    def tick(self, *, always: bool = False) -> None:
        now = time.monotonic()
        if not always and now - self._told_at < REPORT_EVERY_S:
            return
        self._told_at = now
        done = self._whole + (self._part.done_bytes if self._part else 0)
        self._marks.append((now, done))
        while now - self._marks[0][0] > SPEED_WINDOW_S and len(self._marks) > 2:
            self._marks.popleft()
        began, then = self._marks[0]
        speed = max(0.0, (done - then) / (now - began)) if now > began else 0.0
        left = (self.total_bytes - done) / speed if speed else None
        self.report(Progress(self._file, int(done), self.total_bytes, speed, left))
