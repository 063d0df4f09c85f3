# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the backend, start it, end it. It runs in the Python that install.py made, never in Krita's."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ..language import tr
from ..wire import errors

POLL_S = 0.05
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0
LOG_LINES = 12
SERVE = ("-m", "backend.cli", "serve", "--owned")

KRITAS_OWN = (
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONSTARTUP",
    "PYTHONNOUSERSITE",
    "QT_PLUGIN_PATH",
    "QML2_IMPORT_PATH",
)
"""Variables that lead a child into Krita's own Python and libraries."""


@dataclass(frozen=True)
class Install:
    """What install.py wrote beside the plugin.

    Args:
        python: The backend's interpreter.
        root: Folder of the program.
        home: The backend's folder for state, logs and caches.
    """

    python: Path
    root: Path
    home: Path


@dataclass(frozen=True)
class Endpoint:
    """Where a running backend listens, on loopback, and the secret it asks for."""

    port: int
    token: str


def read_install(path: Path) -> Install:
    """
    Raises:
        Refusal: the file is missing or damaged.
    """
    try:
        found = json.loads(path.read_text("utf-8"))
        return Install(*(Path(found[name]) for name in ("python", "root", "home")))
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise errors.Refusal(
            tr("Underdrawing is not fully installed: the plugin cannot find its backend."),
            tr('Run "python3 install.py" in the folder of Underdrawing, then start Krita again.'),
            code="not_installed",
        ) from fault


def clean_environment(environment: Mapping[str, str], home: Path) -> dict[str, str]:
    """The child's variables: Krita's, less what leads into Krita's own Python and libraries."""
    kept = {name: value for name, value in environment.items() if name not in KRITAS_OWN}
    bundle = environment.get("APPDIR")
    if bundle:  # an AppImage puts its own libraries first
        for name in ("LD_LIBRARY_PATH", "PATH"):
            parts = [p for p in kept.pop(name, "").split(os.pathsep) if p and not p.startswith(bundle)]
            if parts:
                kept[name] = os.pathsep.join(parts)
    kept["UNDERDRAWING_HOME"] = str(home)
    return kept


def in_sandbox() -> bool:
    """Whether Krita came as a Flatpak or Snap, which see neither the host's Python nor its libraries."""
    return Path("/.flatpak-info").exists() or "SNAP" in os.environ


def find(home: Path) -> Endpoint | None:
    """What the state file says, or None. Whether anyone listens there shows on connecting."""
    try:
        found: object = json.loads((home / "run" / "backend.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(found, dict):
        return None
    state = cast("dict[str, Any]", found)
    port, token = state.get("port"), state.get("token")
    if isinstance(port, int) and isinstance(token, str):
        return Endpoint(port, token)
    return None


class Launcher:
    """Starts and ends a backend of our own. The pipe to its stdin ends it even when Krita is killed.

    Args:
        install: Path of install.json.
        arguments: What the backend's Python is to run.
    """

    def __init__(self, install: Path, arguments: Sequence[str] = SERVE) -> None:
        self._install = install
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self._log: Path | None = None

    def find(self) -> Endpoint | None:
        """
        Raises:
            Refusal: the program is not installed.
        """
        return find(read_install(self._install).home)

    @property
    def is_running(self) -> bool:
        """Whether a backend that we started still runs."""
        return self._process is not None and self._process.poll() is None

    def start(self, give_up: threading.Event) -> Endpoint:
        """Start a backend and wait until it listens, or until `give_up` is set.

        Raises:
            Refusal: it could not be started, or ended at once, or took too long.
        """
        install = read_install(self._install)
        if in_sandbox():
            raise errors.Refusal(
                tr("This Krita runs in a sandbox and cannot start the backend."),
                tr(
                    'In a terminal, run "cd {0} && {1} -m backend.cli serve", leave it open, and press '
                    "Start here."
                ).format(install.root, install.python),
                code="sandboxed",
            )
        before = find(install.home)
        self.stop()
        process = self._process = self._spawn(install)
        until = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < until and not give_up.wait(POLL_S):
            endpoint = find(install.home)
            ended = process.poll()
            if ended is not None:
                self.stop()
            if endpoint is not None and (endpoint != before or ended == 0):
                return endpoint  # ended with 0: another one runs already, and that is its endpoint
            if ended is not None:
                raise self._refusal(tr("The backend ended at once (exit code {0}).").format(ended))
        self.stop()
        if give_up.is_set():
            raise errors.Refusal(tr("The start was given up."), "", code="given_up")
        raise self._refusal(tr("The backend was not ready after {0:.0f} seconds.").format(START_TIMEOUT_S))

    def stop(self) -> None:
        """End our own backend, if any: by closing its stdin, else by force."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            with contextlib.suppress(OSError):  # it is gone already
                process.stdin.close()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def last_lines(self) -> tuple[str, ...]:
        """The end of what our backend printed."""
        if self._log is None:
            return ()
        try:
            return tuple(self._log.read_text("utf-8", "replace").splitlines()[-LOG_LINES:])
        except OSError:
            return ()

    def _spawn(self, install: Install) -> subprocess.Popen[bytes]:
        logs = install.home / "logs"
        try:
            logs.mkdir(parents=True, exist_ok=True)
            self._log = logs / "backend-start.log"
            with self._log.open("wb") as log:
                return subprocess.Popen(
                    [str(install.python), *self._arguments],
                    cwd=install.root,
                    env=clean_environment(os.environ, install.home),
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    creationflags=subprocess.CREATE_NO_WINDOW if sys.platform == "win32" else 0,
                    start_new_session=sys.platform != "win32",
                )
        except OSError as fault:
            remedy = tr('Run "python3 install.py" in the folder of Underdrawing again.')
            if fault.errno == errno.ENOSPC:
                remedy = tr("Free some space on the disk of {0}, then start it again.").format(install.home)
            words = tr("The backend could not be started: {0}.").format(fault.strerror or fault)
            raise errors.Refusal(words, remedy, code="not_started") from fault

    def _refusal(self, message: str) -> errors.Refusal:
        remedy = tr('See {0}, or run "python3 install.py doctor" in the folder of Underdrawing.').format(
            self._log
        )
        return errors.Refusal(message, remedy, code="not_started")
