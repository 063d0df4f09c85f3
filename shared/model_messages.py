# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages about models: what the artist's folders hold, what can be downloaded, how far a download is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from .fields import Bytes, Range

ModelState = Literal["ready", "missing", "unusable"]
"""ready: can be used; missing: can be downloaded; unusable: see its `problem`."""


@dataclass(frozen=True)
class ModelInfo:
    """A model that is there, or that can be downloaded.

    Args:
        id: For GetModel; empty where there is nothing to download.
        kind: What it is, in a word or two ("checkpoint", "LoRA").
        base: The family it belongs to, as shown ("SD 1.5").
        what: What it is for, in a sentence.
        place: Its file or folder on the backend's machine; empty while it is not there.
        problem: Why it cannot be used, with a remedy; empty where it can.
    """

    title: str
    kind: str
    base: str
    size_bytes: Bytes
    state: ModelState
    id: str = ""
    what: str = ""
    licence: str = ""
    place: str = ""
    problem: str = ""


@dataclass(frozen=True)
class ListModels:
    """Look through the folders again and tell all models."""

    kind: ClassVar[str] = "list_models"


@dataclass(frozen=True)
class UseFolder:
    """Look for models in a folder of the backend's machine, or (use false) no more. Answered by Models."""

    folder: str
    use: bool = True
    kind: ClassVar[str] = "use_folder"


@dataclass(frozen=True)
class GetModel:
    """Download a model, or (stop true) stop downloading it; what came is kept. Answered by ModelProgress."""

    id: str
    stop: bool = False
    kind: ClassVar[str] = "get_model"


@dataclass(frozen=True)
class Models:
    """Everything in the artist's folders, and what can be downloaded.

    Args:
        folders: Where the artist's models lie.
        target: Where downloads go.
        offline: Nothing may be downloaded.
        problem: Why a folder was not taken, with a remedy; empty if nothing went wrong.
    """

    folders: tuple[str, ...]
    models: tuple[ModelInfo, ...]
    target: str
    offline: bool = False
    problem: str = ""
    kind: ClassVar[str] = "models"


@dataclass(frozen=True)
class ModelProgress:
    """How far a download is; told a few times a second while it runs, and once when it ends.

    Args:
        running: False when it has ended: done, stopped, or failed with a `problem`.
        done_bytes, total_bytes: So far and in all; total 0 while unknown.
        seconds_left: Estimate, or None while unknown.
    """

    id: str
    running: bool
    done_bytes: Bytes = 0
    total_bytes: Bytes = 0
    bytes_per_s: Annotated[float, Range(0, 2**63 - 1)] = 0.0
    seconds_left: float | None = None
    problem: str = ""
    kind: ClassVar[str] = "model_progress"
