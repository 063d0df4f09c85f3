# SPDX-License-Identifier: GPL-3.0-or-later
"""How a plugin finds the running backend, and a second backend the first.

`run/lock` is locked by the operating system for as long as the backend lives, however it ends.
`run/backend.json` says where it listens and holds the secret; only its user can read it (on Windows the
profile folder sees to that).
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from shared.errors import Refusal
from shared.version import PROTOCOL, VERSION

STATE_FILE = "backend.json"
LOCK_FILE = "lock"
STARTING_S = 10.0


@dataclass(frozen=True)
class State:
    port: int
    token: str
    pid: int
    host: str = "127.0.0.1"
    tls: bool = False
    version: str = VERSION
    protocol: int = PROTOCOL

    @classmethod
    def read(cls, folder: Path) -> State | None:
        """What the last backend wrote; None where there is nothing to be read."""
        try:
            entries: Any = json.loads((folder / STATE_FILE).read_text("utf-8"))
            return cls(**entries)
        except (OSError, ValueError, TypeError):
            return None

    def write(self, folder: Path) -> None:
        """Readable by the user only, from the first byte on; whole or not at all.

        Raises:
            OSError: the disk is full, say.
        """
        part = folder / f"{STATE_FILE}.{self.pid}"
        part.unlink(missing_ok=True)
        try:
            private = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(private, "w", encoding="utf-8") as file:
                json.dump(asdict(self), file)
            part.replace(folder / STATE_FILE)
        except OSError:
            part.unlink(missing_ok=True)
            raise

    def remove(self, folder: Path) -> None:
        """Take it away, unless another backend has written since."""
        if State.read(folder) == self:
            with contextlib.suppress(OSError):
                (folder / STATE_FILE).unlink()


def new_token() -> str:
    return secrets.token_urlsafe(32)


class Claim:
    """The right to be the one backend of this folder, held until `release` or the process ends."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def release(self) -> None:
        self._file.close()


class AlreadyRunning(Exception):  # noqa: N818 - no fault: use the one that runs
    def __init__(self, state: State) -> None:
        super().__init__(f"The backend runs already: process {state.pid}, port {state.port}.")
        self.state = state


def claim(folder: Path, starting_s: float = STARTING_S) -> Claim:
    """
    Raises:
        AlreadyRunning: another backend holds the folder, and has said where it listens.
        Refusal: another holds it but does not say; or the folder cannot be written.
    """
    try:
        file = (folder / LOCK_FILE).open("ab+")
    except OSError as fault:
        raise cannot_write(folder, fault) from fault
    if _lock(file):
        with contextlib.suppress(OSError):
            (folder / STATE_FILE).unlink()  # of one that was killed
        return Claim(file)
    file.close()
    deadline = time.monotonic() + starting_s
    while time.monotonic() < deadline:
        if (state := State.read(folder)) is not None:
            raise AlreadyRunning(state)
        time.sleep(0.05)
    raise Refusal(
        "Another backend has been starting for a while and does not get ready.",
        f"End it, or choose another folder with UNDERDRAWING_HOME instead of {folder.parent}.",
        code="backend_stuck",
    )


def cannot_write(folder: Path, fault: OSError) -> Refusal:
    words = f"The folder {folder} cannot be written ({fault.strerror or fault})."
    return Refusal(
        words, "Free some space there, or choose another folder with UNDERDRAWING_HOME.", code="disk"
    )


def _lock(file: BinaryIO) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
