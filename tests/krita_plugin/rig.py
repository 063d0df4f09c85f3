# SPDX-License-Identifier: GPL-3.0-or-later
"""A session on a fake canvas, linked to a real backend process with the tests' own Perform."""

from __future__ import annotations

import json
import queue
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from krita_plugin.underdrawing.link import peer
from krita_plugin.underdrawing.link.launcher import Launcher
from krita_plugin.underdrawing.link.link import BackendLink
from krita_plugin.underdrawing.model.events import Event
from krita_plugin.underdrawing.model.session import Session
from shared.messages import ClientMessage

REPO = Path(__file__).parents[2]


class Rig:
    """One Krita's worth of plugin, without Krita. `pump` is its event loop.

    Args:
        home: Folder of the backend; two rigs may share one.
        own: Folder of this Krita.
    """

    def __init__(self, home: Path, own: Path) -> None:
        own.mkdir(parents=True, exist_ok=True)
        install = own / "install.json"
        install.write_text(json.dumps({"python": sys.executable, "root": str(REPO), "home": str(home)}))
        self.home = home
        self.sent: list[ClientMessage] = []
        self._events: queue.Queue[Event] = queue.Queue()
        self._turns: deque[Callable[[], None]] = deque()
        arguments = ("-m", "tests.backend.server.program", str(home), "--owned")
        self.launcher = Launcher(install, arguments)
        self.link = BackendLink(self.launcher, self._events.put, "tests")
        self.session = Session(self.link, own, lambda act, _ms: self._turns.append(act))
        self.topics: list[str] = []
        self.notes: list[str] = []
        self.session.subscribe(self._observe)

    def _observe(self, topic: str) -> None:
        self.topics.append(topic)
        if self.session.job is not None:
            self.notes.append(self.session.job.note)

    def pump(self, until: Callable[[], bool], timeout_s: float = 90.0) -> None:
        end = time.monotonic() + timeout_s
        while not until():
            assert time.monotonic() < end, (self.session.backend, self.session.job, self.session.notice)
            while self._turns:
                self._turns.popleft()()
            try:
                self.session.handle(self._events.get(timeout=0.02))
            except queue.Empty:
                continue

    def finish(self) -> None:
        """Let the job end, as it must have begun."""
        assert self.session.job is not None, self.session.notice
        self.pump(lambda: self.session.job is None)

    def record(self, send: Callable[[peer.Peer, ClientMessage], None]) -> Callable[..., None]:
        """`Peer.send` that also notes what was sent."""

        def recorded(sender: peer.Peer, message: ClientMessage) -> None:
            self.sent.append(message)
            send(sender, message)

        return recorded

    def close(self) -> None:
        self.session.stop_backend()
        self.link.join(20)
        self.launcher.stop()
        self.session.close()
