# SPDX-License-Identifier: GPL-3.0-or-later
"""Live: at the end of each stroke the picture answers. No Qt and no Krita.

One thing at a time: read what changed, ask, show the answer. A stroke that ends meanwhile is taken up
afterwards, the newest wins. Nothing is read or written while the pen is down, nothing is an undo step.
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from ..language import tr
from ..wire import geometry, messages
from . import capture, live_capture, roles
from .canvas import Canvas
from .capture import SurfaceName
from .events import Backend, Notice, Painted
from .flow import Link
from .live_capture import EVERYTHING
from .live_pane import HOLDER, Showcase, sweep
from .live_timing import OFF, Clocks, Standing, Timing
from .settings import Settings
from .slices import Later, Slices

PEN_WAIT_MS = 10
"""What waits for the pen, or for Krita to work a stroke off, looks again after this long."""
SHARPEN_AFTER_MS = 400
SHARPEN_FROM_PX = 256
"""A region with a longer side than this is painted with detail once the artist pauses."""
TIMINGS = 500
"""The last so many are remembered."""


class Live:
    """
    Args:
        settings: The settings as they are now.
        tell: Called after every change of what is public here.
        need_backend: Starts it where it is stopped.
        clock: Seconds, monotonic.
    """

    def __init__(
        self,
        link: Link,
        later: Later,
        clock: Callable[[], float],
        settings: Callable[[], Settings],
        tell: Callable[[], None],
        need_backend: Callable[[], None],
    ) -> None:
        self.is_on = False
        self.standing = OFF
        self.picture: Painted | None = None
        self.timings: deque[Timing] = deque(maxlen=TIMINGS)
        self._link, self._later, self._clock = link, later, clock
        self._settings, self._tell, self._need_backend = settings, tell, need_backend
        self._backend = Backend("stopped", "")
        self._is_warm = False
        self._canvas: Canvas | None = None
        self._showcase: Showcase | None = None
        self._forget()

    # What the artist does

    def turn_on(self, canvas: Canvas) -> None:
        """Answer strokes in this document from now on, beginning with what is drawn already."""
        self._leave()
        self._canvas, self.is_on = canvas, True
        self._forget()
        self.settle()
        self._need_backend()
        if self._backend.phase != "ready":
            self._stand(
                Standing("busy", tr("Live waits: {0}").format(self._backend.words), self._backend.remedy)
            )
        self.touch()

    def turn_off(self, why: Standing = OFF) -> None:
        """Leave no trace."""
        if self.is_on:
            self.is_on = False
            self._leave()
            self._stand(why)

    def enter(self, canvas: Canvas | None) -> None:
        """Another document is active: Live goes along. What was left behind in a file goes away."""
        if not self.is_on and canvas is not None and canvas.is_alive():
            sweep(canvas)
        if self.is_on and canvas is not None and (self._canvas is None or canvas.id != self._canvas.id):
            self.turn_on(canvas)

    def holder(self) -> str:
        """The group that has to come along with the group of the roles; see `Canvas.create_layer`."""
        return HOLDER if self.is_on else ""

    def settle(self, active: str = "") -> None:
        """Lay the pane, where there is a place for it and none yet.

        Args:
            active: The layer that is to be active; "" for the one that is.
        """
        canvas = self._canvas
        if not self.is_on or canvas is None or self._showcase is not None or not canvas.is_alive():
            return
        if self._settings().live_place == "canvas" and roles.group_of(canvas.layers()):
            self._canvas = None  # Krita lets timers through while it waits: one pane is enough
            try:
                self._showcase = Showcase(canvas, active)
            finally:
                self._canvas = canvas
        self._seen = live_capture.look_of(canvas, HOLDER)

    def end_stroke(self) -> None:
        """The pen was lifted from the canvas."""
        canvas = self._canvas
        if self.is_on and canvas is not None and canvas.is_alive():
            self._change(live_capture.drawn_on(canvas))

    def touch(self, names: Collection[SurfaceName] = EVERYTHING) -> None:
        """Something changed, not by a stroke."""
        if self.is_on:
            self._change(names)

    def look(self) -> None:
        """Find out what changed without a word: layers, their eyes, the selection. For a poll."""
        canvas = self._canvas
        if not self.is_on or canvas is None:
            return
        if not canvas.is_alive():
            self._leave()
        elif self._showcase is not None and not self._showcase.is_there():
            words = tr("Live went off: the layer it shows its picture on was undone or removed.")
            self.turn_off(Standing("bad", words, tr("Switch it on again.")))
        elif not self._is_resting and not canvas.is_stroke_in_progress():
            self.settle()
            seen = live_capture.look_of(canvas, HOLDER)
            if seen != self._seen:
                self._seen = seen
                self._change(EVERYTHING)

    def hide(self) -> None:
        """Show nothing until the next stroke: the document is being saved, or painted in."""
        if self._showcase is not None:
            self._showcase.wipe()
        self._drop_job()
        self._changed, self.picture, self._is_resting = EVERYTHING, None, True
        self._tell()

    def rest(self) -> None:
        """The layers are as they should be: no answer to what was just done to them."""
        self._is_resting = False
        if self.is_on and self._canvas is not None and self._canvas.is_alive():
            self._seen = live_capture.look_of(self._canvas, HOLDER)

    def plan_whole(self, canvas: Canvas) -> capture.Plan:
        """To paint what Live would, for good.

        Raises:
            Refusal: nothing is drawn and nothing marked.
        """
        plan = live_capture.plan_live(canvas, self._settings(), None, EVERYTHING, blank=bool(self._blank))
        return replace(plan, act="paint", kept=())

    # What the backend says

    def follow(self, backend: Backend) -> None:
        """The backend is another way now."""
        was, self._backend = self._backend.phase, backend
        if not self.is_on or was == backend.phase:
            return
        if backend.phase == "ready":
            self._change(EVERYTHING)
        else:
            self._is_warm = False
            self.hide()
            self._stand(Standing("busy", tr("Live waits: {0}").format(backend.words), backend.remedy))

    def take(self, event: object) -> None:
        """Take in what the link says; of other jobs nothing."""
        if not self._job or getattr(event, "job_id", "") != self._job:
            return
        if isinstance(event, Painted):
            self._job, self._is_warm = "", True
            self._clocks.answered, self._clocks.network = self._clock(), event.seconds
            self._run(self._show(event))
        elif isinstance(event, messages.Failed):
            self._job = ""
            self._on_failed(Notice(event.message, event.remedy, event.code))
        elif isinstance(event, messages.JobStatus):
            self._on_status(event)

    # Inside

    def _forget(self) -> None:
        self._work: Slices | None = None
        self._job, self._is_sharp, self._again = "", False, False
        self._changed: frozenset[SurfaceName] = EVERYTHING
        self._before: capture.Plan | None = None
        self._blank: bool | None = None
        self._since: float | None = None
        self._clocks = Clocks(0.0)
        self._pause, self._is_resting = 0, False
        self._memory = live_capture.Memory()
        self._seen: object = None

    def _leave(self) -> None:
        """Drop all that is under way and go from the document.

        Krita lets timers through while it waits, so nothing here may find the document still open to Live.
        """
        self._drop_job()
        showcase, self._showcase = self._showcase, None
        self.picture = self._canvas = None
        if showcase is not None:
            showcase.close()

    def _drop_job(self) -> None:
        if self._work is not None:
            self._work.stop()
        if self._job:
            self._link.cancel(self._job)
        self._work, self._job, self._again = None, "", False
        self._before, self._memory = None, live_capture.Memory()
        self._pause += 1

    def _change(self, names: Collection[SurfaceName]) -> None:
        self._is_resting = False
        if self._since is None:
            self._since = self._clock()
        self._changed |= frozenset(names)
        if "image" in self._changed:
            self._blank = None
        if self._job and self._is_sharp:  # it takes its time, and is old already
            self._link.cancel(self._job)
            self._job = ""
        self._begin()

    def _begin(self, *, sharp: bool = False) -> None:
        canvas = self._canvas
        if canvas is None or self._backend.phase != "ready":
            return
        if self._job or (self._work is not None and self._work.is_running):
            self._again = True
            return
        self._again, self._is_sharp = False, sharp
        self._pause += 1
        self._clocks = Clocks(self._clock() if self._since is None else self._since)
        self._since = None
        self._run(self._read(canvas, sharp))

    def _read(self, canvas: Canvas, sharp: bool) -> Iterator[None]:
        if self._blank is None and live_capture.may_be_whole(canvas, self._settings()):
            yield from self._look_whether_blank(canvas)
        changed, self._changed = self._changed, frozenset()
        job, chosen, submitted = uuid.uuid4().hex, self._settings(), False
        try:
            plan = live_capture.plan_live(canvas, chosen, self._before, changed, blank=bool(self._blank))
            self._link.begin(job, plan)
            for step in capture.read(canvas, plan):
                if step is not None:
                    self._link.feed(job, *step)
                yield
            self._link.submit(job, live_capture.Glimpse(chosen, self._memory, sharp))
            self._job, self._before, submitted = job, plan, True
            self._clocks.read = self._clock()
        finally:
            if not submitted:
                self._link.cancel(job)
                self._changed, self._before = EVERYTHING, None

    def _look_whether_blank(self, canvas: Canvas) -> Iterator[None]:
        """Whether the picture without the strokes is of one colour; a large one counts as full."""
        whole, first = geometry.Bounds.of(canvas.extent), b""
        self._blank = False
        if whole.extent.area > live_capture.WHOLE_PIXELS:
            return
        for band in canvas.read_picture(whole, capture.stroke_layers(canvas.layers())):
            yield
            if band is None:
                continue
            data = bytes(band.data)
            size = len(data) // band.bounds.extent.area
            first = first or data[:size]
            if data != first * band.bounds.extent.area:
                return
        self._blank = True

    def _show(self, painted: Painted) -> Iterator[None]:
        if self._showcase is not None and self._showcase.format != painted.format:
            self._showcase.close()  # the document was converted
            self._showcase = None
            self.settle()
        if self._showcase is not None and self._showcase.is_there():
            yield from self._showcase.put(painted)
        self.picture = painted
        timing = self._clocks.timing(self._clock())
        if not self._is_sharp:  # which comes after an answer to a stroke
            self.timings.append(timing)
        plan = self._before
        if plan is not None and live_capture.misses(plan):
            self._stand(Standing("busy", tr("Draw inside the marked region: no stroke lies in it.")))
        else:
            words = tr("Live: {0:.0f} ms").format(self.timings[-1].total_ms)
            self._stand(Standing("good", painted.note or words, words))
        self._later(self._go_on, 0)

    def _go_on(self) -> None:
        """The picture is shown: take up what came meanwhile, or wait for a pause to sharpen it."""
        if not self.is_on:
            return
        if self._again or self._changed:
            self._begin()
        elif self._may_be_sharper():
            pause = self._pause
            self._later(lambda: self._sharpen(pause), SHARPEN_AFTER_MS)

    def _sharpen(self, pause: int) -> None:
        canvas = self._canvas
        if canvas is None or not canvas.is_alive() or not self.is_on or pause != self._pause:
            return
        if not canvas.is_stroke_in_progress():
            self._begin(sharp=True)

    def _may_be_sharper(self) -> bool:
        plan = self._before
        if plan is None or self._is_sharp or self._settings().live_engine != "instant":
            return False
        return live_capture.longer_side(plan) > SHARPEN_FROM_PX

    def _on_status(self, status: messages.JobStatus) -> None:
        if status.state == "cancelled":
            self._job = ""
            self._changed = self._changed or frozenset({"mask"})
            self._go_on()
        elif status.state == "loading" and not self._is_warm:
            self._stand(Standing("busy", tr("Live waits: the model is being loaded.")))
        elif status.state == "queued" and status.position > 0:
            self._stand(Standing("busy", tr("Live waits: the backend is busy with something else.")))

    def _on_failed(self, why: Notice) -> None:
        if why.code == "unchanged":
            self._later(self._go_on, 0)
            return
        self._before, self._changed = None, EVERYTHING
        self._memory = live_capture.Memory()
        if why.code == "forgotten":
            self._later(self._begin, 0)
            return
        if why.code == "no_strokes" and self._showcase is not None:
            self._showcase.wipe()
        self._stand(Standing("busy" if why.code == "no_strokes" else "bad", why.message, why.remedy))
        if self._again:
            self._later(self._begin, 0)

    def _run(self, steps: Iterator[None]) -> None:
        canvas = self._canvas
        if canvas is not None:
            self._work = Slices(
                self._timed(steps),
                canvas,
                self._later,
                self._clock,
                again=tr("Draw on."),
                failed=self._on_failed,
                wait_ms=PEN_WAIT_MS,
            )

    def _timed(self, steps: Iterator[None]) -> Iterator[None]:
        """The same steps; what they take of the main thread is noted."""
        try:
            while True:
                began = self._clock()
                try:
                    next(steps)
                except StopIteration:
                    return
                finally:
                    self._clocks.ui += self._clock() - began
                yield
        finally:
            close = getattr(steps, "close", None)
            if close is not None:
                close()

    def _stand(self, standing: Standing) -> None:
        self.standing = standing
        self._tell()
