# SPDX-License-Identifier: GPL-3.0-or-later
"""Every message of the wire, as frozen dataclasses.

The client submits a job that *names* its pixels by digest; the server asks for the tiles it lacks. The server
keeps no canvas: a retry, a reconnect and a second paint of the same layers are the same messages again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from .geometry import Bounds, Extent
from .line_messages import (
    DeleteStyle,
    ExportStyle,
    ExtractRequest,
    ImportStyle,
    LearnStyleRequest,
    ListStyles,
    RenameStyle,
    Styles,
)
from .live_messages import PasteRequest
from .model_messages import GetModel, ListModels, ModelProgress, Models, UseFolder
from .surfaces import DIGEST_BYTES as DIGEST_BYTES
from .surfaces import TILE_EDGE as TILE_EDGE
from .surfaces import PixelFormat as PixelFormat
from .surfaces import Surface as Surface
from .surfaces import Tile as Tile

Region = Literal["selection", "lines", "strokes"]
"""selection: all of the mask; lines: of it, only what lines enclose, and strokes that stand alone, but all of
it where nothing is enclosed; strokes: as lines, and where nothing is enclosed what is drawn, alone."""

JobState = Literal["waiting", "queued", "loading", "running", "done", "failed", "cancelled"]
"""waiting: tiles are still missing; queued: complete, behind others; done: the result waits to be fetched."""


@dataclass(frozen=True)
class Strengths:
    """How strongly each kind of stroke guides, 0 (ignored) to 2; 1 is as trained."""

    contour: float = 1.0
    detail: float = 1.0
    colour: float = 1.0


@dataclass(frozen=True)
class PaintRequest:
    """Paint the masked region of a picture under its strokes.

    All surfaces have the extent of `area`. Only `mask` and one of the others are needed.

    Args:
        canvas: Extent of the whole document.
        area: Part of the canvas that the surfaces show: the mask with its context.
        image: The picture without the stroke layers.
        mask: grey_u8; 255 is to be painted, 0 stays as it is.
        contour, detail: Line layers; ink is what is dark and opaque.
        colours: Colour strokes on transparency.
        prompt, negative_prompt: Words, or empty.
        strengths: Weight of each kind of stroke.
        steps: Denoising steps, 0 for the family's own default.
        guidance: Classifier-free guidance, 0 for the family's own default.
        seed: 0 to 2**32 - 1.
        family: Id of a base model from Welcome.families.
        quick: Paint in a few steps, where the family can, or instantly without detail: sooner, and a little
            rougher.
        grow_px, feather_px: The mask's border is moved out and softened by this much, in canvas pixels.
        engine: full is the diffusion family; instant the completion network, which heeds no words, steps,
            guidance or family.
        live: A preview that is soon outdated: it goes before all other work, is never kept on disk nor told
            again after a reconnect, and a newer one of the same client replaces it while it waits
            ("cancelled"). With engine "full" it is painted quick.
        region: How much of the mask is painted; what is painted inside lines ends at them, neither grown nor
            feathered.
        match_grain: Give what is painted the grain and sharpness of the picture around it.
        shadow: Lay a soft contact shadow under what is painted inside lines.
    """

    canvas: Extent
    area: Bounds
    mask: Surface
    image: Surface | None = None
    contour: Surface | None = None
    detail: Surface | None = None
    colours: Surface | None = None
    prompt: str = ""
    negative_prompt: str = ""
    strengths: Strengths = field(default_factory=Strengths)
    steps: int = 0
    guidance: float = 0.0
    seed: int = 0
    family: str = "embedded"
    grow_px: int = 0
    feather_px: int = 0
    quick: bool = False
    engine: Literal["full", "instant"] = "full"
    live: bool = False
    region: Region = "selection"
    match_grain: bool = True
    shadow: bool = False

    kind: ClassVar[str] = "paint"


Request = PaintRequest | ExtractRequest | LearnStyleRequest | PasteRequest
"""What a job may ask for. Every later act adds its request here."""


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
    client_id: str
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

    job_id: str
    request: Request
    kind: ClassVar[str] = "submit"


@dataclass(frozen=True)
class NeedTiles:
    """The receiver of a Surface lacks these tiles of it."""

    job_id: str
    digests: tuple[bytes, ...]
    kind: ClassVar[str] = "need_tiles"


@dataclass(frozen=True)
class PutTiles:
    """Tiles, at most a message's worth; send several messages for more."""

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

    job_id: str
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

    job_id: str
    step: int
    extent: Extent
    data: bytes
    kind: ClassVar[str] = "preview"


@dataclass(frozen=True)
class Result:
    """A job is done. The server keeps it, tiles included, until Release.

    Args:
        bounds: Where the surfaces lie on the canvas; of a learnt style where its example lay.
        layer: Painted pixels with alpha; alpha is exactly 0 outside the grown, feathered mask. Only of a
            painting.
        seed: The seed that was used.
        seconds: Wall time from start to end of the work.
        contour, detail: grey_u8: 0 is no ink, 255 full. Of extracted lines; of pasted ones contour alone.
        style, title: Id and name of a learnt style; empty else.
        colours: bgra_u8, clear where nothing is drawn. Only of a paste that takes its colours along.
        mask: grey_u8: the region that was pasted. Only of a paste.
        note: What the artist should know about it, in words; empty when all is as asked.
    """

    job_id: str
    bounds: Bounds
    layer: Surface | None
    seed: int
    seconds: float
    contour: Surface | None = None
    detail: Surface | None = None
    style: str = ""
    title: str = ""
    colours: Surface | None = None
    mask: Surface | None = None
    note: str = ""
    kind: ClassVar[str] = "result"


@dataclass(frozen=True)
class FetchTiles:
    """Send me these tiles of a result."""

    job_id: str
    digests: tuple[bytes, ...]
    kind: ClassVar[str] = "fetch_tiles"


@dataclass(frozen=True)
class Release:
    """The job's end has arrived (or is not wanted any more) and may be forgotten; cancels one that runs."""

    job_id: str
    kind: ClassVar[str] = "release"


@dataclass(frozen=True)
class Cancel:
    """Stop the job within one denoising step. A job that is done or unknown stays as it is."""

    job_id: str
    kind: ClassVar[str] = "cancel"


@dataclass(frozen=True)
class Failed:
    """A job ended without a result, or (job_id "") the connection is refused.

    Args:
        code: Machine-readable, such as "bad_request", "out_of_memory", "worker_lost", "wrong_token".
        message, remedy: Shown to the artist as they stand.
        log: Last lines of the worker's log, where they help.
    """

    job_id: str
    code: str
    message: str
    remedy: str
    log: tuple[str, ...] = ()
    kind: ClassVar[str] = "failed"


@dataclass(frozen=True)
class Shutdown:
    """The client asks the backend to end, once no other client is connected and no job runs."""

    kind: ClassVar[str] = "shutdown"


StyleQuestion = ListStyles | RenameStyle | DeleteStyle | ExportStyle | ImportStyle
"""What a client asks about styles; the answer is Styles."""

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
    | ListStyles
    | RenameStyle
    | DeleteStyle
    | ExportStyle
    | ImportStyle
)
ServerMessage = (
    Welcome | NeedTiles | PutTiles | JobStatus | Preview | Result | Failed | Models | ModelProgress | Styles
)
Message = ClientMessage | ServerMessage
