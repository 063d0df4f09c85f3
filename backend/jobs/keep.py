# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs on disk: a file per job, of wire messages each after its length.

`<client>.<job>.result` holds a Result and its tiles, until the client has fetched them.
`<client>.<job>.request` holds a Submit and its tiles while the job stands in the queue. Old files go by age,
and by size when all of them are too many.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from backend.jobs.work import CODEC
from shared.errors import ProtocolError
from shared.messages import Message, PutTiles, Result, Submit

Kind = Literal["request", "result"]
LENGTH_BYTES = 4
MAX_AGE_S = 24 * 3600.0
MAX_BYTES = 2 * 2**30

log = logging.getLogger(__name__)


class Name(NamedTuple):
    client: str
    job: str
    kind: Kind

    @property
    def file(self) -> str:
        return f"{self.client}.{self.job}.{self.kind}"


class Keep:
    """The folder of waiting jobs.

    Args:
        folder: Exists.
        max_bytes, max_age_s: `tidy` removes what is older, and the oldest of what is more.
    """

    def __init__(self, folder: Path, *, max_bytes: int = MAX_BYTES, max_age_s: float = MAX_AGE_S) -> None:
        self._folder, self._max_bytes, self._max_age_s = folder, max_bytes, max_age_s
        self._writing = threading.Lock()

    def save(self, name: Name, messages: Iterable[Message]) -> None:
        """Write a job's file, whole or not at all.

        Raises:
            OSError: the disk is full, say.
        """
        path = self._folder / name.file
        part = path.with_name(f"{name.file}.part")
        with self._writing:
            try:
                with part.open("wb") as file:
                    for message in messages:
                        data = CODEC.encode(message)
                        file.write(len(data).to_bytes(LENGTH_BYTES, "big") + data)
                part.replace(path)
            except OSError:
                with contextlib.suppress(OSError):
                    part.unlink()
                raise

    def load(self) -> list[tuple[Name, Submit | Result, dict[bytes, bytes]]]:
        """Every job, the oldest first: its first message, and a request's tiles. Removes damaged files."""
        found: list[tuple[Name, Submit | Result, dict[bytes, bytes]]] = []
        for name in self.names():
            try:
                first = next(self._read(name), None)
                if isinstance(first, Result) and name.kind == "result":
                    found.append((name, first, {}))
                elif isinstance(first, Submit) and name.kind == "request":
                    found.append((name, first, self.tiles(name)))
                else:
                    raise ProtocolError(f"begins with {type(first).__name__}")
            except (OSError, ProtocolError) as fault:
                log.warning("%s is damaged and was removed: %s", name.file, fault)
                self.drop(name)
        return found

    def tiles(self, name: Name) -> dict[bytes, bytes]:
        """The tiles of a file.

        Raises:
            OSError, ProtocolError: it is gone or damaged.
        """
        puts = (message for message in self._read(name) if isinstance(message, PutTiles))
        return {tile.digest: tile.data for put in puts for tile in put.tiles}

    def names(self) -> list[Name]:
        """Every file, the oldest first."""
        paths = sorted(self._folder.glob("*.*.re*"), key=_age_key)
        return [Name(*parts) for path in paths if (parts := _parts(path)) is not None]

    def drop(self, name: Name) -> None:
        with contextlib.suppress(OSError):
            (self._folder / name.file).unlink()

    def tidy(self) -> None:
        """Remove what is too old, too much or half written."""
        with self._writing:  # what is half written now must stay
            now, room = time.time(), self._max_bytes
            for path in sorted(self._folder.iterdir(), key=_age_key, reverse=True):
                with contextlib.suppress(OSError):
                    found = path.stat()
                    room -= found.st_size
                    half_written = path.suffix == ".part"
                    if half_written or room < 0 or now - found.st_mtime > self._max_age_s:
                        path.unlink()

    def _read(self, name: Name) -> Iterator[Message]:
        side = "client" if name.kind == "request" else "server"
        with (self._folder / name.file).open("rb") as file:
            end = os.fstat(file.fileno()).st_size
            while head := file.read(LENGTH_BYTES):
                length = int.from_bytes(head, "big")
                if file.tell() + length > end:
                    raise ProtocolError("cut short")
                yield CODEC.decode(file.read(length), side)


def _age_key(path: Path) -> float:
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def _parts(path: Path) -> tuple[str, str, Kind] | None:
    match path.name.split("."):
        case [client, job, ("request" | "result") as kind]:
            return client, job, kind
        case _:
            return None
