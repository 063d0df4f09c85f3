# SPDX-License-Identifier: GPL-3.0-or-later
"""Long work on the main thread, a few milliseconds at a time: reading a document, writing into it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from ..language import tr
from ..wire import errors
from .canvas import Canvas
from .events import Notice

SLICE_MS = 4.0
"""The event loop gets its turn after this long."""

STROKE_WAIT_MS = 50
"""Work that finds the pen down looks again after this long, if it is in no hurry."""

BUSY_TIMEOUT_MS = 60_000

Later = Callable[[Callable[[], None], int], None]
"""Calls a function on the main thread, from the event loop, after so many milliseconds."""

log = logging.getLogger(__name__)


class Slices:
    """Runs a generator to its end, from the event loop; nothing is done in mid-stroke.

    Args:
        steps: The work; each step well under a millisecond or two.
        canvas: The document that it is about.
        again: What the artist does when it broke off.
        failed: Told why it broke off.
        clock: Seconds, monotonic.
        wait_ms: Work that finds the pen down looks again after this long.
    """

    def __init__(
        self,
        steps: Iterator[object],
        canvas: Canvas,
        later: Later,
        clock: Callable[[], float],
        *,
        again: str,
        failed: Callable[[Notice], None],
        wait_ms: int = STROKE_WAIT_MS,
    ) -> None:
        self._steps: Iterator[object] | None = steps
        self._canvas, self._later, self._clock = canvas, later, clock
        self._again, self._failed, self._wait_ms = again, failed, wait_ms
        self._waits = 0
        self._inside = False
        later(self._turn, 0)

    @property
    def is_running(self) -> bool:
        return self._steps is not None

    def stop(self) -> None:
        """Give it up; what the generator holds is let go."""
        steps, self._steps = self._steps, None
        close = getattr(steps, "close", None)
        if close is not None and not self._inside:
            close()

    def _turn(self) -> None:
        if self._steps is None:
            return
        if not self._canvas.is_alive():
            self._fail(Notice(tr("The document was closed."), tr("Open it again. {0}").format(self._again)))
        elif self._canvas.is_stroke_in_progress():
            self._wait()
        else:
            self._waits = 0
            self._work(self._steps)

    def _wait(self) -> None:
        self._waits += 1
        if self._waits * self._wait_ms < BUSY_TIMEOUT_MS:
            self._later(self._turn, self._wait_ms)
            return
        remedy = tr("Finish the stroke or stop the playback. {0}").format(self._again)
        self._fail(Notice(tr("The document was busy for too long."), remedy))

    def _work(self, steps: Iterator[object]) -> None:
        until = self._clock() + SLICE_MS / 1000
        self._inside = True
        try:
            while self._steps is not None and self._clock() < until:
                next(steps)
        except StopIteration:
            self._steps = None
            return
        except KeyError:
            self._fail(Notice(tr("A layer was removed while it was in use."), self._again))
            return
        except errors.Refusal as refusal:
            self._fail(Notice(refusal.message, refusal.remedy, refusal.code))
            return
        except Exception:  # a border: what leaves a slot of Qt ends Krita and the artist's work
            log.exception("working on the document")
            self._fail(Notice(tr("The document could not be read or written."), self._again, "plugin_fault"))
            return
        finally:
            self._inside = False
        self._later(self._turn, 0)

    def _fail(self, why: Notice) -> None:
        self.stop()
        self._failed(why)
