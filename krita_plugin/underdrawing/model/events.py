# SPDX-License-Identifier: GPL-3.0-or-later
"""What the link tells the session, and what the session shows. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..wire import geometry, library_messages, messages, model_messages

Phase = Literal["stopped", "starting", "connecting", "ready", "lost"]


@dataclass(frozen=True)
class Backend:
    """How the backend is.

    Args:
        words, remedy: For the status line; remedy is "" where nothing need be done.
        device: What it paints on; "" until its worker has found out.
        log: Last lines of its log, where they help.
    """

    phase: Phase
    words: str
    remedy: str = ""
    device: str = ""
    version: str = ""
    families: tuple[messages.FamilyInfo, ...] = ()
    log: tuple[str, ...] = ()


@dataclass(frozen=True)
class Thumbnail:
    """A small picture: bgra_u8, row-major, not premultiplied."""

    width: int
    height: int
    bgra: bytes


@dataclass(frozen=True)
class Painted:
    """A finished layer, all its pixels here.

    Args:
        note: What the artist should know about it, in words; empty when all is as asked.
    """

    job_id: str
    bounds: geometry.Bounds
    data: bytes
    format: messages.PixelFormat
    seed: int
    seconds: float
    thumbnail: Thumbnail
    note: str = ""


@dataclass(frozen=True)
class Inked:
    """Extracted lines, all here: bounds.width * bounds.height bytes of ink each, 0 to 255.

    Args:
        note: As of a painting.
    """

    job_id: str
    bounds: geometry.Bounds
    contour: bytes
    detail: bytes
    seconds: float
    thumbnail: Thumbnail
    note: str = ""


@dataclass(frozen=True)
class StyleLearnt:
    """A line that was learnt and saved as a style."""

    job_id: str
    style: str
    title: str


@dataclass(frozen=True)
class Pasted:
    """Lines and colours of a copy, as they lie on the canvas.

    Args:
        contour, mask: bounds.width * bounds.height bytes each: ink, and the region that was copied.
        colours: bgra_u8; None where they do not come along.
    """

    job_id: str
    bounds: geometry.Bounds
    contour: bytes
    colours: bytes | None
    mask: bytes


NOTE = "note"
"""Code of a notice that tells of no fault: the job is done, and this is to be known of it."""


@dataclass(frozen=True)
class Notice:
    """Words for the artist, until dismissed."""

    message: str
    remedy: str
    code: str = ""
    log: tuple[str, ...] = ()


Topic = Literal[
    "backend",
    "job",
    "learning",
    "pasting",
    "live",
    "notice",
    "settings",
    "roles",
    "history",
    "models",
    "styles",
]
"""What an observer is told has changed."""

Event = (
    Backend
    | messages.JobStatus
    | messages.Preview
    | messages.Failed
    | model_messages.Models
    | model_messages.ModelProgress
    | library_messages.LearntThings
    | Painted
    | Inked
    | StyleLearnt
    | Pasted
)
"""What the link thread hands to `Session.handle` on the main thread."""
