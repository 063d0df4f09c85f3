# SPDX-License-Identifier: GPL-3.0-or-later
"""The plugin's whole state: the backend, the jobs under way, errors, roles, settings, history, learnt lines.

No Qt and no Krita: it is given a Canvas, a link to the backend and a way to be called again at the next turn
of the event loop. All of it runs on the main thread; the link's thread reaches it only through `handle`.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from ..language import tr
from ..wire import errors, library_messages, messages, model_messages
from . import capture, line_capture, region, results, roles, settings
from .canvas import Canvas, LayerInfo
from .events import NOTE, Backend, Event, Notice, Pasted, StyleLearnt, Topic
from .flow import Ending, Flow, Link
from .history import History, Item
from .job import TAKEN, Job, reading
from .library import Library
from .lines import Extraction, Lines, Look
from .live import Live
from .pasting import Pasting
from .remote import Remote
from .remote import load as load_remote
from .remote import remember as remember_remote
from .slices import Later
from .styles import StyleLibrary

Planned = TypeVar("Planned")


class Session:
    """
    Args:
        link: The way to the backend.
        home: Folder for settings and history.
        later: Call this function on the main thread, from the event loop, after so many milliseconds.
        clock: Seconds, monotonic.
    """

    def __init__(
        self, link: Link, home: Path, later: Later, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.backend = Backend("stopped", tr("The backend is not running."))
        self.notice: Notice | None = None
        self.learnt = ""
        self.roles: dict[roles.Role, LayerInfo] = {}
        self.lines_shown: bool | None = None
        self.outlook = region.Outlook()
        self.settings = settings.load(home / "settings.json")
        self.history = History(home / "history")
        self.library = Library(link.ask, self._teller("models"))
        self.styles = StyleLibrary(link.ask, self._on_styles, self._use_style)
        self._link = link
        self._home = home
        self._observers: list[Callable[[Topic], None]] = []
        flow = partial(Flow, link, later, clock, say=self.say, ended=self._on_ended)
        self._front, self._back = flow(tell=self._teller("job")), flow(tell=self._teller("learning"))
        self.live = Live(link, later, clock, lambda: self.settings, self._teller("live"), self._need_backend)
        self._lines = Lines(later, clock, say=self.say, laid=self.on_laid, holder=self.live.holder)
        self.pasting = Pasting(
            link,
            later,
            clock,
            start=self._need_backend,
            tell=self._teller("pasting"),
            say=self.say,
            laid=self.on_laid,
            holder=self.live.holder,
        )
        self.remote = load_remote(home)
        link.use(self.remote)

    def subscribe(self, observer: Callable[[Topic], None]) -> None:
        """Have `observer` called, on the main thread, after every change."""
        self._observers.append(observer)

    @property
    def job(self) -> Job | None:
        """The painting or extraction under way."""
        return self._front.job

    @property
    def learning(self) -> Job | None:
        """The line that is being learnt; it gives way to other jobs."""
        return self._back.job

    # The backend

    def start_backend(self) -> None:
        self._set_backend(Backend("starting", tr("Starting the backend.")))
        self._link.open()

    def stop_backend(self) -> None:
        self._drop_jobs()
        self._link.close(stop_backend=True)

    def choose_backend(self, remote: Remote | None) -> None:
        """Leave the backend in use for one on another machine, or None for this one, and remember it."""
        self._drop_jobs()
        self._link.close(stop_backend=False)
        remember_remote(self._home, remote)
        self.remote = remote
        self._link.use(remote)
        self.start_backend()

    def close(self) -> None:
        """Krita ends: leave the socket; the backend sees its owner go and ends by itself."""
        self._front.close()
        self._back.close()
        self._lines.stop()
        self.live.turn_off()
        self.pasting.close()
        self._link.close(stop_backend=False)
        self.history.close()

    # Documents, roles and settings

    def look(self, canvas: Canvas | None) -> None:
        """Find the role layers and marks of the active document again; cheap enough for a slow poll."""
        there = canvas is not None and canvas.is_alive()
        layers = canvas.layers() if canvas is not None and there else ()
        ahead = region.outlook(canvas) if canvas is not None and there else region.Outlook()
        found = roles.find_roles(layers), roles.lines_shown(layers), ahead
        if found != (self.roles, self.lines_shown, self.outlook):
            self.roles, self.lines_shown, self.outlook = found
            self._tell("roles")

    def enter(self, canvas: Canvas | None) -> None:
        """Another document is active: take over what it remembers."""
        if canvas is not None and canvas.is_alive():
            self._set_settings(settings.read_document(canvas, self.settings))
        self.look(canvas)

    def on_laid(self, canvas: Canvas) -> None:
        """Strokes were laid into a document, or written over."""
        self.look(canvas)
        self.live.settle()
        self.live.touch()

    def assign_role(self, canvas: Canvas, role: roles.Role) -> bool:
        """Make the role's layer active, creating it if missing.

        Returns:
            Whether it was created.
        """
        made = self._or_refused(partial(roles.assign, canvas, role, holder=self.live.holder()))
        if made is None:
            return False
        layer, created = made
        self.look(canvas)
        self.live.settle(layer)
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
            words = tr("The settings could not be saved: {0}.").format(fault)
            self.say(Notice(words, tr("Check the disk's free space.")))
        if canvas is not None and canvas.is_alive():
            settings.write_document(canvas, self.settings)

    def dismiss(self) -> None:
        self.notice = None
        self._tell("notice")

    # The acts

    def paint(self, canvas: Canvas, planned: Callable[[], capture.Plan] | None = None) -> bool:
        """Read the document and queue the painting.

        Args:
            planned: Plans to paint what is seen already, with its seed; else what is marked is painted.

        Returns:
            False when nothing was begun; `notice` says why.
        """
        if self._is_taken(self._front):
            return False
        self.look(canvas)
        plan = self._or_refused(planned or partial(region.plan, canvas, self.settings))
        if plan is None:
            return False
        if self.settings.random_seed and planned is None:
            self._set_settings(self.settings.changed(seed=random.SystemRandom().randrange(2**32)))
        self.save(canvas)
        job = reading("paint", self.settings, tr("Reading the picture"))
        self._begin(self._front, canvas, plan, capture.Painting(job.settings, job.seed), job)
        return True

    def extract(self, canvas: Canvas, source: str = "") -> bool:
        """Read the active layer or the picture and queue the search for its lines.

        Args:
            source: See `plan_extraction`; the artist's choice if not given.

        Returns:
            False when nothing was begun; `notice` says why.
        """
        if self._is_taken(self._front):
            return False
        chosen = self.settings
        found = self._or_refused(partial(line_capture.plan_extraction, canvas, source or chosen.line_source))
        if found is None:
            return False
        plan, name = found
        if source == "marked" and region.marked_by(canvas) == "selection":
            # an erased line takes along what it outlined: all of it is painted anew
            self.change(canvas, region="selection")
        order = line_capture.Extraction(chosen.line_style, chosen.line_clean)
        job = reading("extract", chosen, tr("Reading the picture"), name)
        self._begin(self._front, canvas, plan, order, job)
        return True

    def can_teach(self, canvas: Canvas) -> bool:
        """Whether there are lines to learn from and nothing is being learnt; `notice` says why not."""
        return not self._is_taken(self._back) and bool(
            self._or_refused(partial(line_capture.plan_lesson, canvas))
        )

    def teach(self, canvas: Canvas, title: str) -> bool:
        """Read the picture and the lines over it, and queue the learning. It gives way to other jobs.

        Returns:
            False when nothing was begun; `notice` says why.
        """
        if not self.can_teach(canvas):
            return False
        chosen, self.learnt = self.settings, ""
        order = line_capture.Lesson(title, chosen.learn_minutes, chosen.family)
        job = reading("teach", chosen, tr("Reading your lines"), title)
        self._begin(self._back, canvas, line_capture.plan_lesson(canvas), order, job)
        return True

    def cancel(self) -> None:
        """Stop the painting or extraction under way; nothing happens without one."""
        self._front.cancel(at_once=self.backend.phase != "ready")

    def stop_learning(self) -> None:
        """Stop learning; what was learnt is kept for the same picture and lines."""
        self._back.cancel(at_once=self.backend.phase != "ready")

    def weigh(self, weight: float, threshold: float) -> None:
        """Show the last extracted lines heavier or lighter, at once."""
        self._set_settings(self.settings.changed(line_weight=weight, line_threshold=threshold))
        self._lines.change(Look(weight, threshold))

    def reapply(self, canvas: Canvas, item: Item) -> bool:
        """Paste an earlier result again as new layers.

        Returns:
            False when it could not be; `notice` says why.
        """
        try:
            data = self.history.pixels(item)
            if item.is_lines:
                half = len(data) // 2
                found = Extraction(item.bounds, (data[:half], data[half:]), item.name)
                self._lines.lay(canvas, found, Look(self.settings.line_weight, self.settings.line_threshold))
            else:
                self.live.hide()
                results.paste_painting(canvas, item, data)
                self.live.rest()
        except errors.Refusal as refusal:
            self.refuse(refusal)
            return False
        return True

    def handle(self, event: Event) -> None:
        """Take in what the link thread says; to be called on the main thread."""
        if isinstance(event, Backend):
            self._set_backend(event)
        elif isinstance(event, (model_messages.Models, model_messages.ModelProgress)):
            self.library.take(event)
        elif isinstance(event, library_messages.LearntThings):
            self.styles.take(event)
        elif isinstance(event, Pasted):
            self.pasting.take(event)
        else:
            self._front.take(event)
            self._back.take(event)
            self.live.take(event)
            if isinstance(event, (messages.JobStatus, messages.Failed)):
                self.pasting.take(event)

    # Inside

    def _is_taken(self, flow: Flow) -> bool:
        """Whether a job of this kind is under way; says so."""
        if flow.job is None:
            return False
        self.say(Notice(TAKEN[flow.job.act], tr("Wait for it or cancel it.")))
        return True

    def _or_refused(self, plan: Callable[[], Planned]) -> Planned | None:
        """What is planned; None where it was refused, and says why."""
        try:
            return plan()
        except errors.Refusal as refusal:
            self.refuse(refusal)
            return None

    def _begin(self, flow: Flow, canvas: Canvas, plan: capture.Plan, order: capture.Order, job: Job) -> None:
        self._need_backend()
        flow.begin(canvas, plan, order, job)

    def _need_backend(self) -> None:
        """Something is about to be asked of the backend."""
        if self.backend.phase == "stopped":
            self.start_backend()
        self.dismiss()

    def _on_ended(self, job: Job, canvas: Canvas, ending: Ending) -> None:
        if isinstance(ending, StyleLearnt):
            self._on_learnt(ending)
            return
        item = results.keep(self.history, job, ending)
        self._tell("history")
        if not canvas.is_alive():
            self.say(results.came_too_late(item))
        elif self.reapply(canvas, item) and item.note:
            self.say(Notice(item.note, "", NOTE))

    def _on_learnt(self, learnt: StyleLearnt) -> None:
        """Choose the new style; the backend tells of it in full."""
        self.learnt = learnt.title
        self._use_style(learnt.style)
        self.styles.look()
        self._tell("learning")

    def _use_style(self, style: str) -> None:
        self.change(line_style=style)

    def _on_styles(self) -> None:
        """A style that is gone cannot be drawn with any more."""
        chosen = self.settings.line_style
        if chosen and self.styles.is_told and not self.styles.title(chosen):
            self._use_style("")
        self._tell("styles")

    def _drop_jobs(self) -> None:
        self._front.drop()
        self._back.drop()
        self.pasting.end()

    def _set_backend(self, backend: Backend) -> None:
        self.backend = backend
        if backend.phase != "ready":
            self.library.forget()
            self.styles.forget()
        elif not self.styles.is_told:
            self.styles.look()
        if backend.phase == "stopped" and backend.remedy:
            self._drop_jobs()
            self.say(Notice(backend.words, backend.remedy, log=backend.log))
        self.live.follow(backend)
        self._tell("backend")

    def _set_settings(self, changed: settings.Settings) -> None:
        if changed != self.settings:
            self.settings = changed
            self._tell("settings")

    def refuse(self, refusal: errors.Refusal) -> None:
        """Tell the artist why something is not done."""
        self.say(Notice(refusal.message, refusal.remedy, refusal.code))

    def say(self, notice: Notice) -> None:
        """Show words to the artist."""
        self.notice = notice
        self._tell("notice")

    def _teller(self, topic: Topic) -> Callable[[], None]:
        return lambda: self._tell(topic)

    def _tell(self, topic: Topic) -> None:
        for observer in self._observers:
            observer(topic)
