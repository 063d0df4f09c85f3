# SPDX-License-Identifier: GPL-3.0-or-later
"""Joins the session (state), the link (socket thread) and the panel (widgets) inside Krita."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import krita_adapter
from .krita_adapter import DockWidget, DockWidgetFactory, DockWidgetFactoryBase, Extension, Krita
from .krita_hand import KritaHand
from .link.launcher import Launcher, read_install
from .link.link import BackendLink
from .model.roles import Role
from .model.session import Session
from .qt import QtCore, QtWidgets, Signal, is_any
from .ui import live_texts, texts, tool_texts
from .ui.live_watch import BEFORE, CHANGING, LiveWatch
from .ui.presenter import Presenter, make_panel
from .wire import errors, version

NAME = "underdrawing"
POLL_MS = 500
"""Krita tells nothing of its layers, so they are looked at this often while the docker is in sight: under
0.2 ms of the main thread for a dozen layers, and nothing at all while a pen or mouse button is down."""
LIVE_POLL_MS = 200
"""While Live is on, the layers, their eyes and the selection are looked at this often: under half a
millisecond for a dozen layers, and nothing at all while a pen or mouse button is down."""
LOOK_EVERY = 4
"""The layers' names and labels are read at every so many polls, or when the active layer is another one."""

log = logging.getLogger(__name__)


class Bridge(QtCore.QObject):
    """The one way from the link's threads to Krita's main thread."""

    arrived = Signal(object)


class Underdrawing(Extension):
    """One for all of Krita's windows: the session, its link and the actions."""

    def __init__(self, parent: Any) -> None:
        super().__init__(parent)
        self._bridge = Bridge()
        launcher = Launcher(Path(__file__).with_name("install.json"))
        client = f"krita-plugin {version.VERSION} (Krita {Krita.instance().version()})"
        self.session = Session(BackendLink(launcher, self._bridge.arrived.emit, client), plugin_home(), later)
        self._bridge.arrived.connect(self._take, type=QtCore.Qt.ConnectionType.QueuedConnection)  # pyright: ignore[reportCallIssue]
        self.started = False

    def setup(self) -> None:
        QtCore.QCoreApplication.instance().aboutToQuit.connect(self.session.close)  # pyright: ignore[reportOptionalMemberAccess]

    def createActions(self, window: Any) -> None:  # noqa: N802 - Krita's name
        self._add_action(window, "paint", lambda docker: docker.presenter.paint())
        self._add_action(window, "cancel", lambda _: self.session.cancel())
        self._add_action(window, "lines", lambda docker: docker.presenter.toggle_lines())
        self._add_action(window, "extract", lambda docker: docker.presenter.lines.extract())
        self._add_action(window, "teach", lambda docker: docker.presenter.lines.teach())
        self._add_action(window, "live", lambda docker: docker.presenter.live.toggle())
        self._add_action(window, "refine", lambda docker: docker.presenter.live.refine())
        self._add_action(window, "keep", lambda docker: docker.presenter.live.keep())
        for role in Role:
            self._add_action(window, role.value, lambda docker, role=role: docker.presenter.take_role(role))
        for tool in tool_texts.ACTIONS:
            self._add_action(window, tool, lambda docker, tool=tool: docker.presenter.tools.act(tool))

    def start_once(self) -> None:
        """Start the backend when the artist first sees the docker; later only by Paint or the menu."""
        if not self.started:
            self.started = True
            self.session.start_backend()

    def _add_action(self, window: Any, name: str, act: Callable[[Docker], None]) -> None:
        def run(_checked: bool = False) -> None:
            docker = next((d for d in Krita.instance().dockers() if isinstance(d, Docker)), None)
            if docker is not None:
                docker.presenter.guarded(act)(docker)

        words = {**texts.ACTIONS, **live_texts.ACTIONS, **tool_texts.ACTIONS}[name]
        action = window.createAction(f"{NAME}_{name}", words, "tools/scripts")
        action.triggered.connect(run)

    def _take(self, event: Any) -> None:
        try:
            self.session.handle(event)
        except Exception:  # a border: an exception that leaves a slot would end Krita and the artist's work
            log.exception("taking %s in", type(event).__name__)


class Docker(DockWidget):
    """The panel as Krita's docker; Krita makes one for each of its windows."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle(texts.TITLE)
        self._program = program
        self.session = program.session
        self.panel = make_panel()
        self.presenter = Presenter(
            program.session,
            self.panel,
            krita_adapter.active_canvas,
            krita_adapter.active_thumbnail,
            KritaHand(),
        )
        self.setWidget(self.panel)
        self._shown = ("", "")
        self._polls = 0
        self._poll = QtCore.QTimer(self)
        self._poll.timeout.connect(self.presenter.guarded(self._look))
        self.visibilityChanged.connect(self.presenter.guarded(self._on_visibility))
        live, guarded = self.session.live, self.presenter.guarded
        self._live_watch = LiveWatch(guarded(live.end_stroke), guarded(live.touch), guarded(live.hide), self)
        self._live_poll = QtCore.QTimer(self)
        self._live_poll.timeout.connect(guarded(self._look_live))
        self.presenter.live.on_toggled = self._watch_live

    def canvasChanged(self, canvas: Any) -> None:  # noqa: N802 - Krita's name
        later(self.presenter.guarded(self._look))

    def _on_visibility(self, visible: bool) -> None:
        if visible:
            self._program.start_once()
            self._poll.start(POLL_MS)
            self._look()
        else:
            self._poll.stop()

    def _look(self) -> None:
        """Follow the artist to another document or layer."""
        if is_any(QtWidgets.QApplication.mouseButtons()):
            return
        canvas = krita_adapter.active_canvas()
        document, layer = (canvas.id, canvas.active_layer()) if canvas is not None else ("", "")
        self._polls += 1
        if document != self._shown[0]:
            self.presenter.save()
            self.session.enter(canvas)
            self.session.live.enter(canvas)
            self._watch_live(self.session.live.is_on)
        elif layer != self._shown[1] or self._polls % LOOK_EVERY == 0:
            self.session.look(canvas)
        else:
            return
        self._shown = (document, layer)
        self.presenter.show_roles()

    def _watch_live(self, on: bool) -> None:
        """Begin or end to look at what Live answers; every document has a canvas of its own."""
        window = Krita.instance().activeWindow()
        if on and window is not None:
            actions = {name: Krita.instance().action(name) for name in (*BEFORE, *CHANGING)}
            self._live_watch.start(window.qwindow(), actions)
            self._live_poll.start(LIVE_POLL_MS)
        else:
            self._live_watch.stop()
            self._live_poll.stop()

    def _look_live(self) -> None:
        if not is_any(QtWidgets.QApplication.mouseButtons()):
            self.session.live.look()


def later(act: Callable[[], None], wait_ms: int = 0) -> None:
    """Call from the event loop, at its next turn or after so many milliseconds."""
    QtCore.QTimer.singleShot(wait_ms, act)


def plugin_home() -> Path:
    """Where settings and history live: in the backend's folder, or in Krita's where that is unknown."""
    try:
        return read_install(Path(__file__).with_name("install.json")).home / "krita"
    except errors.Refusal:
        folder = QtCore.QStandardPaths.writableLocation(
            QtCore.QStandardPaths.StandardLocation.AppDataLocation
        )
        return Path(folder) / NAME


program = Underdrawing(Krita.instance())
Krita.instance().addExtension(program)
Krita.instance().addDockWidgetFactory(
    DockWidgetFactory(NAME, DockWidgetFactoryBase.DockPosition.DockRight, Docker)
)
