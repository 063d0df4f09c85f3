# SPDX-License-Identifier: GPL-3.0-or-later
"""Every message of the wire, as frozen dataclasses.

The client submits a job that *names* its pixels by digest; the server asks for the tiles it lacks. The server
keeps no canvas: a retry, a reconnect and a second paint of the same layers are the same messages again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from .acts import Outcome, Request
from .fields import Id, Name
from .geometry import Bounds, Extent
from .library_messages import (
    DeleteLearnt,
    ExportLearnt,
    ImportLearnt,
    LearntThings,
    ListLearnt,
    RenameLearnt,
)
from .model_messages import GetModel, ListModels, ModelProgress, Models, UseFolder
from .surfaces import DIGEST_BYTES as DIGEST_BYTES
from .surfaces import TILE_EDGE as TILE_EDGE
from .surfaces import Digest, misfits
from .surfaces import PixelFormat as PixelFormat
from .surfaces import Surface as Surface
from .surfaces import Tile as Tile

JobState = Literal["waiting", "queued", "loading", "running", "done", "failed", "cancelled"]
"""waiting: tiles are still missing; queued: complete, behind others; done: the result waits to be fetched."""


@dataclass(frozen=True)
class FamilyInfo:
    """A base model that this backend can paint with.

    Args:
        note: Why it is not ready, with a remedy.
        quick_steps: Steps of its few-step painting; 0 where it has none.
    """

    id: str
    title: str
    resolution: int
    steps: int
    guidance: float
    ready: bool
    note: str = ""
    quick_steps: int = 0


@dataclass(frozen=True)
class Hello:
    """First message of a client.

    Args:
        protocol: The client's wire version.
        token: The secret from the backend's state file.
        client: Program and version, for the log ("krita-plugin 0.1.0 (Krita 5.2.9)").
        client_id: Chosen once per Krita; a reconnect with the same id finds its jobs again.
    """

    protocol: int
    token: str
    client: str
    client_id: Id
    kind: ClassVar[str] = "hello"


@dataclass(frozen=True)
class Welcome:
    """Answer to Hello: who the server is, what it can do and the client's unfinished or unfetched jobs.

    Sent again when the device becomes known.

    Args:
        device: What it paints on ("cuda (NVIDIA ...)", "cpu"); empty until the painting process has started.
    """

    protocol: int
    version: str
    device: str
    families: tuple[FamilyInfo, ...]
    jobs: tuple[JobStatus, ...]
    max_message_bytes: int
    kind: ClassVar[str] = "welcome"


@dataclass(frozen=True)
class Submit:
    """Queue a job. The client chooses the id; sending the same id again changes nothing."""

    job_id: Name
    request: Request
    kind: ClassVar[str] = "submit"


@dataclass(frozen=True)
class NeedTiles:
    """The receiver of a Surface lacks these tiles of it."""

    job_id: Id
    digests: tuple[Digest, ...]
    kind: ClassVar[str] = "need_tiles"

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from _twice(self.digests)


@dataclass(frozen=True)
class PutTiles:
    """Tiles, at most a message's worth; send several messages for more.

    Args:
        job_id: The job whose request or result names them.
    """

    job_id: Id
    tiles: tuple[Tile, ...]
    kind: ClassVar[str] = "put_tiles"


@dataclass(frozen=True)
class JobStatus:
    """Where a job stands. Sent on every change, and at most ten times a second while it runs.

    Args:
        position: Jobs before this one in the queue.
        step, steps: Denoising progress over all tiles, or how far a learning is.
        seconds_left: Estimate, or None while unknown.
        note: What is happening, in words ("loading the model").
    """

    job_id: Id
    state: JobState
    position: int = 0
    step: int = 0
    steps: int = 0
    seconds_left: float | None = None
    note: str = ""
    kind: ClassVar[str] = "job_status"


@dataclass(frozen=True)
class Preview:
    """A small picture of the job as it stands: bgra_u8, at most 256 px on the longer side."""

    job_id: Id
    step: int
    extent: Extent
    data: bytes
    kind: ClassVar[str] = "preview"


@dataclass(frozen=True)
class Result:
    """A job is done. The server keeps it, tiles included, until Release.

    Args:
        bounds: Where the outcome's surfaces lie on the canvas.
        seconds: Wall time from start to end of the work.
        outcome: What was made.
    """

    job_id: Id
    bounds: Bounds
    seconds: float
    outcome: Outcome
    kind: ClassVar[str] = "result"

    def faults(self) -> Iterator[tuple[str, str]]:
        for path, words in misfits(self.outcome, self.bounds.extent, "bounds"):
            yield f"outcome.{path}", words


@dataclass(frozen=True)
class FetchTiles:
    """Send me these tiles of a result."""

    job_id: Id
    digests: tuple[Digest, ...]
    kind: ClassVar[str] = "fetch_tiles"

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from _twice(self.digests)


@dataclass(frozen=True)
class Release:
    """The job's end has arrived (or is not wanted any more) and may be forgotten; cancels one that runs."""

    job_id: Id
    kind: ClassVar[str] = "release"


@dataclass(frozen=True)
class Cancel:
    """Stop the job within one denoising step. A job that is done or unknown stays as it is."""

    job_id: Id
    kind: ClassVar[str] = "cancel"


@dataclass(frozen=True)
class Failed:
    """A job ended without a result, or (job_id "") the connection is refused.

    Args:
        code: Machine-readable, such as "bad_request", "out_of_memory", "worker_lost", "wrong_token".
        message, remedy: Shown to the artist as they stand.
        log: Last lines of the worker's log, where they help.
    """

    job_id: Id
    code: str
    message: str
    remedy: str
    log: tuple[str, ...] = ()
    kind: ClassVar[str] = "failed"


@dataclass(frozen=True)
class Shutdown:
    """The client asks the backend to end, once no other client is connected and no job runs."""

    kind: ClassVar[str] = "shutdown"


LibraryQuestion = ListLearnt | RenameLearnt | DeleteLearnt | ExportLearnt | ImportLearnt
"""What a client asks about learnt things; the answer is LearntThings."""

ClientMessage = (
    Hello
    | Submit
    | PutTiles
    | FetchTiles
    | Release
    | Cancel
    | Shutdown
    | ListModels
    | UseFolder
    | GetModel
    | ListLearnt
    | RenameLearnt
    | DeleteLearnt
    | ExportLearnt
    | ImportLearnt
)
ServerMessage = (
    Welcome
    | NeedTiles
    | PutTiles
    | JobStatus
    | Preview
    | Result
    | Failed
    | Models
    | ModelProgress
    | LearntThings
)
Message = ClientMessage | ServerMessage


def _twice(digests: tuple[bytes, ...]) -> Iterator[tuple[str, str]]:
    if len(set(digests)) != len(digests):
        yield "digests", "the same digest twice"
