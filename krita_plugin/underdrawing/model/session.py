# SPDX-License-Identifier: GPL-3.0-or-later
"""The plugin's whole state: the backend, the one job under way, errors, roles, settings and history.

No Qt and no Krita: it is given a Canvas, a link to the backend and a way to be called again at the next turn
of the event loop. All of it runs on the main thread; the link's thread reaches it only through `handle`.
"""

from __future__ import annotations

import logging
import random
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Protocol

from ..wire import errors, geometry, messages, model_messages
from . import capture, roles, settings
from .canvas import Band, Canvas, LayerInfo
from .events import Backend, Event, Notice, Painted, Thumbnail
from .history import History, Item
from .job import Job
from .library import Library
from .remote import Remote
from .remote import load as load_remote
from .remote import save as save_remote

Topic = Literal["backend", "job", "notice", "settings", "roles", "history", "models"]
"""What an observer is told has changed."""

SLICE_MS = 4.0
"""A capture gives the event loop its turn after this long."""

STROKE_WAIT_MS = 50
"""A capture that finds the pen down looks again after this long."""

BUSY_TIMEOUT_MS = 60_000


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

    def submit(self, job_id: str, settings: settings.Settings, seed: int) -> None:
        """The capture is whole: queue the job, now or as soon as the backend is there."""
        ...

    def cancel(self, job_id: str) -> None: ...

    def ask(self, message: messages.ClientMessage) -> None:
        """Say something that no job is about."""
        ...


log = logging.getLogger(__name__)


class Session:
    """
    Args:
        link: The way to the backend.
        home: Folder for settings and history.
        later: Call this function on the main thread, from the event loop, after so many milliseconds.
        clock: Seconds, monotonic.
    """

    def __init__(
        self,
        link: Link,
        home: Path,
        later: Callable[[Callable[[], None], int], None],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.backend = Backend("stopped", "The backend is not running.")
        self.job: Job | None = None
        self.notice: Notice | None = None
        self.roles: dict[roles.Role, LayerInfo] = {}
        self.lines_shown: bool | None = None
        self.settings = settings.load(home / "settings.json")
        self.history = History(home / "history")
        self.library = Library(link.ask, lambda: self._tell("models"))
        self._link = link
        self._home = home
        self._later = later
        self._clock = clock
        self._observers: list[Callable[[Topic], None]] = []
        self._canvas: Canvas | None = None
        self._plan: capture.Plan | None = None
        self._waits = 0
        self._reader: Iterator[tuple[capture.Source, Band] | None] | None = None
        self.remote = load_remote(home)
        link.use(self.remote)

    def subscribe(self, observer: Callable[[Topic], None]) -> None:
        """Have `observer` called, on the main thread, after every change."""
        self._observers.append(observer)

    # The backend

    def start_backend(self) -> None:
        self._set_backend(Backend("starting", "Starting the backend."))
        self._link.open()

    def stop_backend(self) -> None:
        self._drop_job()
        self._link.close(stop_backend=True)

    def choose_backend(self, remote: Remote | None) -> None:
        """Leave the backend in use for one on another machine, or None for this one, and remember it."""
        self._drop_job()
        self._link.close(stop_backend=False)
        try:
            save_remote(self._home, remote)
        except OSError as fault:
            log.warning("the other machine's address was not saved: %s", fault)
        self.remote = remote
        self._link.use(remote)
        self.start_backend()

    def close(self) -> None:
        """Krita ends: leave the socket; the backend sees its owner go and ends by itself."""
        self._reader = None
        self._link.close(stop_backend=False)
        self.history.close()

    # Documents, roles and settings

    def look(self, canvas: Canvas | None) -> None:
        """Find the role layers of the active document again; cheap enough for a slow poll."""
        layers = canvas.layers() if canvas is not None and canvas.is_alive() else ()
        found = roles.find_roles(layers), roles.lines_shown(layers)
        if found != (self.roles, self.lines_shown):
            self.roles, self.lines_shown = found
            self._tell("roles")

    def enter(self, canvas: Canvas | None) -> None:
        """Another document is active: take over what it remembers."""
        if canvas is not None and canvas.is_alive():
            self._set_settings(settings.read_document(canvas, self.settings))
        self.look(canvas)

    def assign_role(self, canvas: Canvas, role: roles.Role) -> bool:
        """Make the role's layer active, creating it if missing.

        Returns:
            Whether it was created.
        """
        try:
            _, created = roles.assign(canvas, role)
        except errors.Refusal as refusal:
            self._refuse(refusal)
            return False
        self.look(canvas)
        return created

    def toggle_lines(self, canvas: Canvas) -> None:
        """Show the strokes if they are hidden, else hide them."""
        roles.show_lines(canvas, not roles.lines_shown(canvas.layers()))
        self.look(canvas)

    def change(self, canvas: Canvas | None = None, **values: Any) -> None:
        """Set settings by name, and remember them in the program and the document.

        Raises:
            ValueError: a name, type or range that does not fit.
        """
        self._set_settings(self.settings.changed(**values))
        self.save(canvas)

    def save(self, canvas: Canvas | None = None) -> None:
        """Write the settings down, in the program's file and in the document."""
        try:
            settings.save(self._home / "settings.json", self.settings)
        except OSError as fault:
            self._say(Notice(f"The settings could not be saved: {fault}.", "Check the disk's free space."))
        if canvas is not None and canvas.is_alive():
            settings.write_document(canvas, self.settings)

    def dismiss(self) -> None:
        self.notice = None
        self._tell("notice")

    # Painting

    def paint(self, canvas: Canvas) -> bool:
        """Read the document and queue the painting.

        Returns:
            False when nothing was begun; `notice` says why.
        """
        if self.job is not None:
            self._say(Notice("A painting is already under way.", "Wait for it or cancel it."))
            return False
        self.look(canvas)
        try:
            plan = capture.plan(canvas, self.settings)
        except errors.Refusal as refusal:
            self._refuse(refusal)
            return False
        if self.backend.phase == "stopped":
            self.start_backend()
        if self.settings.random_seed:
            self._set_settings(self.settings.changed(seed=random.SystemRandom().randrange(2**32)))
        self.save(canvas)
        self.notice = None
        job = Job(uuid.uuid4().hex, "reading", self.settings, self.settings.seed, note="Reading the picture")
        self._canvas, self._plan, self._reader = canvas, plan, capture.read(canvas, plan)
        self._waits = 0
        self._link.begin(job.id, plan)
        self._set_job(job)
        self._tell("notice")
        self._later(self._read_slice, 0)
        return True

    def cancel(self) -> None:
        """Stop the job under way; nothing happens without one."""
        if self.job is None:
            return
        self._link.cancel(self.job.id)
        if self.job.phase == "reading" or self.backend.phase != "ready":
            self._end_job()
        else:
            self._set_job(replace(self.job, phase="cancelling", note="Cancelling"))

    def reapply(self, canvas: Canvas, item: Item) -> bool:
        """Paste an earlier result again as a new layer.

        Returns:
            False when it could not be; `notice` says why.
        """
        try:
            self._paste(canvas, item, self.history.pixels(item))
        except errors.Refusal as refusal:
            self._refuse(refusal)
            return False
        return True

    def handle(self, event: Event) -> None:
        """Take in what the link thread says; to be called on the main thread."""
        if isinstance(event, Backend):
            self._set_backend(event)
        elif isinstance(event, (model_messages.Models, model_messages.ModelProgress)):
            self.library.take(event)
        elif self.job is None or event.job_id != self.job.id:
            return
        elif isinstance(event, messages.JobStatus):
            self._on_status(self.job, event)
        elif isinstance(event, messages.Preview):
            shown = Thumbnail(event.extent.width, event.extent.height, event.data)
            self._set_job(replace(self.job, preview=shown))
        elif isinstance(event, messages.Failed):
            self._end_job()
            self._say(Notice(event.message, event.remedy, event.code, event.log))
        else:
            self._on_painted(self.job, event)

    # Inside

    def _read_slice(self) -> None:
        """Read for a few milliseconds, then let the event loop turn; nothing is read in mid-stroke."""
        reader, canvas, job, plan = self._reader, self._canvas, self.job, self._plan
        if reader is None or canvas is None or job is None or plan is None:
            return
        if not canvas.is_alive():
            self._fail_reading("The document was closed.", "Open it again and paint.")
            return
        if canvas.is_stroke_in_progress():
            self._waits += 1
            if self._waits * STROKE_WAIT_MS < BUSY_TIMEOUT_MS:
                self._later(self._read_slice, STROKE_WAIT_MS)
            else:
                remedy = "Finish the stroke or stop the playback, then press Paint again."
                self._fail_reading("The document was busy for too long.", remedy)
            return
        self._waits = 0
        until = self._clock() + SLICE_MS / 1000
        try:
            while self._clock() < until:
                step = next(reader)
                if step is not None:
                    self._link.feed(job.id, *step)
        except StopIteration:
            self._reader = None
            self._link.submit(job.id, job.settings, job.seed)
            self._set_job(replace(job, phase="sending", note="Sending the picture"))
            return
        except KeyError:
            self._fail_reading("A layer was removed while it was read.", "Press Paint again.")
            return
        except errors.Refusal as refusal:
            self._fail_reading(refusal.message, refusal.remedy, refusal.code)
            return
        except Exception:  # a border: what leaves a slot of Qt ends Krita and the artist's work
            log.exception("reading the document")
            self._fail_reading("The picture could not be read.", "Press Paint again.", "plugin_fault")
            return
        self._later(self._read_slice, 0)

    def _fail_reading(self, message: str, remedy: str, code: str = "") -> None:
        if self.job is not None:
            self._link.cancel(self.job.id)
        self._end_job()
        self._say(Notice(message, remedy, code))

    def _on_status(self, job: Job, status: messages.JobStatus) -> None:
        if status.state == "cancelled":
            self._end_job()
            return
        if status.state == "failed" or job.phase == "cancelling":
            return
        self._set_job(job.standing(status))

    def _on_painted(self, job: Job, painted: Painted) -> None:
        canvas = self._canvas
        item = self.history.add(painted, job.settings)
        self._end_job()
        self._tell("history")
        if canvas is None or not canvas.is_alive():
            self._say(
                Notice(
                    "The document was closed before its painting was done.",
                    "The painting is kept in the history: open a document and click it there.",
                )
            )
            return
        try:
            self._paste(canvas, item, painted.data)
        except errors.Refusal as refusal:
            self._refuse(refusal)

    def _paste(self, canvas: Canvas, item: Item, data: bytes) -> None:
        if not geometry.Bounds.of(canvas.extent).contains(item.bounds):
            raise errors.Refusal(
                "This painting does not fit into the document.",
                f"Open a document of at least {item.bounds.right} x {item.bounds.bottom} pixels.",
            )
        group = roles.group_of(canvas.layers())
        canvas.paste_layer(item.name, item.bounds, data, item.format, below=group)

    def _end_job(self) -> None:
        self._canvas = self._plan = self._reader = None
        self.job = None
        self._tell("job")

    def _drop_job(self) -> None:
        if self.job is not None:
            self._link.cancel(self.job.id)
            self._end_job()

    def _set_job(self, job: Job) -> None:
        self.job = job
        self._tell("job")

    def _set_backend(self, backend: Backend) -> None:
        self.backend = backend
        if backend.phase != "ready":
            self.library.forget()
        if backend.phase == "stopped" and backend.remedy:
            self._drop_job()
            self._say(Notice(backend.words, backend.remedy, log=backend.log))
        self._tell("backend")

    def _set_settings(self, changed: settings.Settings) -> None:
        if changed != self.settings:
            self.settings = changed
            self._tell("settings")

    def _refuse(self, refusal: errors.Refusal) -> None:
        self._say(Notice(refusal.message, refusal.remedy, refusal.code))

    def _say(self, notice: Notice) -> None:
        self.notice = notice
        self._tell("notice")

    def _tell(self, topic: Topic) -> None:
        for observer in self._observers:
            observer(topic)
