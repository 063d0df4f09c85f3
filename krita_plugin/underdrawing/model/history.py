# SPDX-License-Identifier: GPL-3.0-or-later
"""The last results, to be applied again: thumbnails in memory, pixels in files."""

from __future__ import annotations

import base64
import binascii
import json
import time
import zlib
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from ..language import tr
from ..wire import errors, geometry, messages
from .events import Inked, Painted, Thumbnail
from .settings import Settings, from_json

CAPACITY = 20
MEMORY_BYTES = 64 * 2**20
NAME_CHARACTERS = 40


@dataclass(frozen=True)
class Item:
    """One result.

    Args:
        name: Of the layer it becomes; of lines the name of the layer that they were extracted from.
        format: Of a painting's pixels; grey_u8 for lines, whose planes of ink follow each other.
        settings: What it was painted with, its seed included.
        when: Seconds since 1970.
        note: What the artist should know about it, in words; empty when all is as asked.
    """

    id: str
    name: str
    bounds: geometry.Bounds
    format: messages.PixelFormat
    settings: Settings
    thumbnail: Thumbnail
    seconds: float
    when: float
    note: str = ""

    @property
    def is_lines(self) -> bool:
        return self.format == "grey_u8"


def name_of(prompt: str, seed: int) -> str:
    """The new layer's name: what was asked for, or the seed where no words were given."""
    words = " ".join(prompt.split())
    if len(words) > NAME_CHARACTERS:
        words = words[: NAME_CHARACTERS - 1].rstrip() + "…"
    return f"Painted: {words or seed}"


class History:
    """The newest results, newest first. Files are written by a thread of its own.

    Args:
        folder: One file per result; those of earlier runs are found again.
        capacity: Results beyond this are forgotten, the oldest first.
    """

    def __init__(self, folder: Path, capacity: int = CAPACITY) -> None:
        self.items: list[Item] = []
        self._folder = folder
        self._capacity = capacity
        self._memory: OrderedDict[str, bytes] = OrderedDict()
        self._writer = ThreadPoolExecutor(1, "underdrawing-history")
        self._pending: Future[None] | None = None
        for path in folder.glob("*.painting"):
            item = _read_head(path)
            if item is not None:
                self.items.append(item)
        self.items.sort(key=lambda item: item.when, reverse=True)
        self._trim()

    def add(self, painted: Painted, settings: Settings) -> Item:
        """Keep a result."""
        item = Item(
            id=painted.job_id,
            name=name_of(settings.prompt, painted.seed),
            bounds=painted.bounds,
            format=painted.format,
            settings=settings.changed(seed=painted.seed),
            thumbnail=painted.thumbnail,
            seconds=painted.seconds,
            when=time.time(),
            note=painted.note,
        )
        return self._keep(item, painted.data)

    def add_lines(self, inked: Inked, source: str, settings: Settings) -> Item:
        """Keep extracted lines."""
        item = Item(
            id=inked.job_id,
            name=source,
            bounds=inked.bounds,
            format="grey_u8",
            settings=settings,
            thumbnail=inked.thumbnail,
            seconds=inked.seconds,
            when=time.time(),
            note=inked.note,
        )
        return self._keep(item, inked.contour + inked.detail)

    def _keep(self, item: Item, data: bytes) -> Item:
        self.items.insert(0, item)
        self._memory[item.id] = data
        while len(self._memory) > 1 and sum(map(len, self._memory.values())) > MEMORY_BYTES:
            self._memory.popitem(last=False)
        self._pending = self._writer.submit(_write, self._path(item.id), item, data)
        self._trim()
        return item

    def pixels(self, item: Item) -> bytes:
        """
        Raises:
            Refusal: the pixels are gone (their file could not be written, or was removed).
        """
        held = self._memory.get(item.id)
        if held is not None:
            return held
        self.flush()
        try:
            _, packed = self._path(item.id).read_bytes().split(b"\n", 1)
            return zlib.decompress(packed)
        except (OSError, ValueError, zlib.error) as fault:
            raise errors.Refusal(
                tr("This result is no longer on the disk."),
                tr("Extract the lines again.")
                if item.is_lines
                else tr("Paint it again with the seed {0}.").format(item.settings.seed),
            ) from fault

    def flush(self) -> None:
        """Wait until everything is written; a disk that is full only means that less is kept."""
        if self._pending is not None:
            self._pending.exception(timeout=30)

    def close(self) -> None:
        self._writer.shutdown(wait=True)

    def _trim(self) -> None:
        for old in self.items[self._capacity :]:
            self._memory.pop(old.id, None)
            self._writer.submit(self._path(old.id).unlink, missing_ok=True)
        del self.items[self._capacity :]

    def _path(self, id: str) -> Path:
        return self._folder / f"{id}.painting"


def _write(path: Path, item: Item, data: bytes) -> None:
    head = asdict(item)
    head["thumbnail"]["bgra"] = base64.b64encode(item.thumbnail.bgra).decode("ascii")
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    try:
        with fresh.open("wb") as file:
            file.write(json.dumps(head).encode() + b"\n")
            file.write(zlib.compress(data, 1))
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def _read_head(path: Path) -> Item | None:
    """The item of a file, or None for one that is damaged or of another version."""
    try:
        with path.open("rb") as file:
            head: dict[str, Any] = json.loads(file.readline())
        small = head["thumbnail"]
        shown = Thumbnail(int(small["width"]), int(small["height"]), base64.b64decode(small["bgra"]))
        if head["format"] not in get_args(messages.PixelFormat):
            return None
        return Item(
            id=path.stem,
            name=str(head["name"]),
            bounds=geometry.Bounds(*map(int, head["bounds"])),
            format=head["format"],
            settings=from_json(json.dumps(head["settings"]).encode(), Settings()),
            thumbnail=shown,
            seconds=float(head["seconds"]),
            when=float(head["when"]),
            note=str(head.get("note", "")),
        )
    except (OSError, ValueError, KeyError, TypeError, binascii.Error):
        return None
