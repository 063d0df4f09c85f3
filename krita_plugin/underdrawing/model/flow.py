# SPDX-License-Identifier: GPL-3.0-or-later
"""One job at a time, from the document to its end: read in slices, sent, told of, cancelled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

from ..language import tr
from ..wire import messages
from . import capture
from .canvas import Band, Canvas
from .events import Inked, Notice, Painted, StyleLearnt, Thumbnail
from .job import AGAIN, Job
from .remote import Remote
from .slices import Later, Slices

JobEvent = messages.JobStatus | messages.Preview | messages.Failed | Painted | Inked | StyleLearnt
Ending = Painted | Inked | StyleLearnt


class Link(Protocol):
    """The way to the backend. Every method returns at once; answers come as events."""

    def open(self) -> None:
        """Find or start the backend and stay connected until `close`."""
        ...

    def close(self, *, stop_backend: bool) -> None: ...

    def use(self, remote: Remote | None) -> None:
        """From the next `open` on, connect to another machine; None for this one."""
        ...

    def begin(self, job_id: str, plan: capture.Plan) -> None:
        """A capture starts; its bands follow."""
        ...

    def feed(self, job_id: str, source: capture.Source, band: Band) -> None: ...

    def submit(self, job_id: str, order: capture.Order) -> None:
        """The capture is whole: queue the job, now or as soon as the backend is there."""
        ...

    def cancel(self, job_id: str) -> None: ...

    def ask(self, message: messages.ClientMessage) -> None:
        """Say something that no job is about."""
        ...


class Flow:
    """
    Args:
        link: The way to the backend.
        tell: Called after every change of `job`.
        say: Given the words for the artist where a job fails.
        ended: Given a job that is done, its document and what came of it.
    """

    def __init__(
        self,
        link: Link,
        later: Later,
        clock: Callable[[], float],
        *,
        tell: Callable[[], None],
        say: Callable[[Notice], None],
        ended: Callable[[Job, Canvas, Ending], None],
    ) -> None:
        self.job: Job | None = None
        self._link, self._later, self._clock = link, later, clock
        self._tell, self._say, self._ended = tell, say, ended
        self._canvas: Canvas | None = None
        self._reading: Slices | None = None

    def begin(self, canvas: Canvas, plan: capture.Plan, order: capture.Order, job: Job) -> None:
        """Read what the plan names and queue the job; there must be none."""
        self._canvas = canvas
        self._link.begin(job.id, plan)
        self._set(job)
        steps = self._read(canvas, plan, order, job)
        self._reading = Slices(
            steps, canvas, self._later, self._clock, again=AGAIN[job.act], failed=self._fail_reading
        )

    def cancel(self, *, at_once: bool) -> None:
        """Stop the job; nothing happens without one.

        Args:
            at_once: The backend is not there to say when it has ended.
        """
        if self.job is None:
            return
        self._link.cancel(self.job.id)
        if self.job.phase == "reading" or at_once:
            self._end()
        else:
            self._set(replace(self.job, phase="cancelling", note="Cancelling"))

    def drop(self) -> None:
        """Forget the job, here and there."""
        if self.job is not None:
            self._link.cancel(self.job.id)
            self._end()

    def close(self) -> None:
        """Read no further."""
        if self._reading is not None:
            self._reading.stop()

    def take(self, event: JobEvent) -> None:
        """Take in what the link says of a job; one of another job is passed over."""
        job = self.job
        if job is None or event.job_id != job.id:
            return
        if isinstance(event, messages.JobStatus):
            self._on_status(job, event)
        elif isinstance(event, messages.Preview):
            shown = Thumbnail(event.extent.width, event.extent.height, event.data)
            self._set(replace(job, preview=shown))
        elif isinstance(event, messages.Failed):
            self._end()
            self._say(Notice(event.message, event.remedy, event.code, event.log))
        else:
            canvas = self._canvas
            self._end()
            if canvas is not None:
                self._ended(job, canvas, event)

    def _read(self, canvas: Canvas, plan: capture.Plan, order: capture.Order, job: Job) -> Iterator[None]:
        for step in capture.read(canvas, plan):
            if step is not None:
                self._link.feed(job.id, *step)
            yield
        self._link.submit(job.id, order)
        self._set(replace(job, phase="sending", note=tr("Sending the picture")))

    def _fail_reading(self, why: Notice) -> None:
        self.drop()
        self._say(why)

    def _on_status(self, job: Job, status: messages.JobStatus) -> None:
        if status.state == "cancelled":
            self._end()
        elif status.state != "failed" and job.phase != "cancelling":
            self._set(job.standing(status))

    def _end(self) -> None:
        reading, self._reading = self._reading, None
        self._canvas = self.job = None
        if reading is not None:
            reading.stop()
        self._tell()

    def _set(self, job: Job) -> None:
        self.job = job
        self._tell()
