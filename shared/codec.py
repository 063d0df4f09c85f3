# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages <-> bytes. MessagePack carries them; the dataclasses' own annotations say what may arrive.

A message is a map of its fields plus "kind"; Extent and Bounds are arrays; a field with a default may be
missing; an unknown field is an error. Every value is checked for type and range before a message exists, so
the code behind the codec may trust what it gets.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from types import UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from .errors import ProtocolError
from .geometry import Bounds, Extent
from .line_messages import THUMBNAIL_BYTES, ExtractRequest, LearnStyleRequest, StyleEntry
from .live_messages import PasteRequest
from .messages import (
    DIGEST_BYTES,
    TILE_EDGE,
    ClientMessage,
    FetchTiles,
    Message,
    NeedTiles,
    PaintRequest,
    Request,
    Result,
    ServerMessage,
    Strengths,
    Submit,
    Surface,
    Tile,
)
from .model_messages import ModelInfo, ModelProgress

Side = Literal["client", "server"]
"""Who wrote the bytes."""

MAX_MESSAGE_BYTES = 8 * 2**20
MAX_EDGE = 16384
MAX_TEXT = 4096
MAX_ITEMS = 4096  # the tiles of a surface of 16384 x 16384
_FAR = 2**31 - 1
_ID = re.compile(r"[A-Za-z0-9_-]{0,64}")

RANGES: dict[tuple[type, str], tuple[float, float]] = {
    (Extent, "width"): (1, MAX_EDGE),
    (Extent, "height"): (1, MAX_EDGE),
    (Bounds, "x"): (-_FAR, _FAR),
    (Bounds, "y"): (-_FAR, _FAR),
    (Bounds, "width"): (1, MAX_EDGE),
    (Bounds, "height"): (1, MAX_EDGE),
    (Tile, "row_bytes"): (0, TILE_EDGE * 16),
    (Strengths, "contour"): (0, 2),
    (Strengths, "detail"): (0, 2),
    (Strengths, "colour"): (0, 2),
    (PaintRequest, "steps"): (0, 150),
    (PaintRequest, "guidance"): (0, 30),
    (PaintRequest, "seed"): (0, 2**32 - 1),
    (ModelInfo, "size_bytes"): (0, 2**63 - 1),
    (ModelProgress, "done_bytes"): (0, 2**63 - 1),
    (ModelProgress, "total_bytes"): (0, 2**63 - 1),
    (ModelProgress, "bytes_per_s"): (0, 2**63 - 1),
    (Result, "seed"): (0, 2**32 - 1),
    (PaintRequest, "grow_px"): (0, 1024),
    (PaintRequest, "feather_px"): (0, 1024),
    (LearnStyleRequest, "minutes"): (0, 24 * 60),
    (StyleEntry, "size_bytes"): (0, 2**63 - 1),
    (PasteRequest, "x"): (-_FAR, _FAR),
    (PasteRequest, "y"): (-_FAR, _FAR),
    (PasteRequest, "scale"): (0.01, 100),
    (PasteRequest, "turn_deg"): (-360, 360),
    (PasteRequest, "light"): (0.01, 100),
}
"""Inclusive limits of numbers; every other number is 0 to 2**31 - 1."""

IDS = frozenset({"job_id", "client_id", "style"})
"""Text fields that may become file names: at most 64 letters, digits, "-" and "_"."""

_UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    OverflowError,
    RecursionError,
    MemoryError,
    struct.error,
)
"""What MessagePack libraries raise on bytes that are not MessagePack."""

_Read = Callable[[object, str], Any]


class Codec:
    """Encode and decode messages with a MessagePack library that the caller hands in.

    Args:
        packb: Plain values to bytes, as `msgpack.packb`.
        unpackb: Bytes to plain values, as `msgpack.unpackb`.
    """

    def __init__(self, packb: Callable[[Any], bytes], unpackb: Callable[[bytes], Any]) -> None:
        self._packb = packb
        self._unpackb = unpackb

    def encode(self, message: Message) -> bytes:
        """
        Raises:
            ProtocolError: the message is larger than MAX_MESSAGE_BYTES.
        """
        data = self._packb(plain(message))
        if len(data) > MAX_MESSAGE_BYTES:
            raise ProtocolError(f"{len(data)} bytes, at most {MAX_MESSAGE_BYTES} may be sent", message.kind)
        return data

    def decode(self, data: bytes, side: Side) -> Message:
        """Read a message that `side` wrote.

        Raises:
            ProtocolError: anything else than a whole, valid message of that side. No other exception.
        """
        if len(data) > MAX_MESSAGE_BYTES:
            raise ProtocolError(f"message of {len(data)} bytes, at most {MAX_MESSAGE_BYTES} are read")
        try:
            value = self._unpackb(data)
        except _UNREADABLE as fault:
            raise ProtocolError(f"not MessagePack ({type(fault).__name__})") from fault
        return _READERS[side](value, "")


def plain(value: Any) -> Any:
    """A message as the maps, arrays and scalars that MessagePack knows."""
    if isinstance(value, tuple):
        return [plain(item) for item in cast("tuple[Any, ...]", value)]
    if is_dataclass(value) and not isinstance(value, type):
        kind = getattr(value, "kind", None)
        head = {} if kind is None else {"kind": kind}
        return head | {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    return value


def _reader(hint: Any, owner: type, name: str) -> _Read:
    """The function that checks and builds a value of the type `hint`, for the field `name` of `owner`."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is tuple and args[1:] == (...,):
        return _array(_reader(args[0], owner, name))
    if origin is Literal:
        return _choice(args)
    if origin is not None and type(None) in args:
        (inner,) = (a for a in args if a is not type(None))
        return _optional(_reader(inner, owner, name))
    if origin in (Union, UnionType):
        return _union(args)
    if is_dataclass(hint):
        return _union((hint,)) if hasattr(hint, "kind") else _record(cast("type", hint))
    if hint in (Extent, Bounds):
        return _named_tuple(hint)
    scalars: dict[Any, Callable[[], _Read]] = {
        int: lambda: _number(owner, name, whole=True),
        float: lambda: _number(owner, name, whole=False),
        bool: lambda: _boolean,
        str: lambda: _identifier if name in IDS else _text,
        bytes: lambda: _binary(_bytes_allowed(owner, name)),
    }
    return scalars[hint]()


def _bytes_allowed(owner: type, name: str) -> tuple[int, ...] | None:
    if name == "tiles":
        return (0, DIGEST_BYTES)
    return (DIGEST_BYTES,) if name in ("digest", "digests", "base") else None


def _number(owner: type, name: str, *, whole: bool) -> _Read:
    low, high = RANGES.get((owner, name), (0, _FAR))
    wanted = f"expected {'int' if whole else 'number'} {low}..{high}"

    def read(value: object, path: str) -> int | float:
        if type(value) is int or (not whole and type(value) is float):
            if low <= value <= high:  # false for NaN too
                return value if whole else float(value)
            raise ProtocolError(f"{wanted}, got {_short(value)}", path)
        raise ProtocolError(f"{wanted}, got {_type(value)}", path)

    return read


def _boolean(value: object, path: str) -> bool:
    if isinstance(value, bool):
        return value
    raise ProtocolError(f"expected bool, got {_type(value)}", path)


def _text(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise ProtocolError(f"expected text, got {_type(value)}", path)
    if len(value) > MAX_TEXT:
        raise ProtocolError(f"expected at most {MAX_TEXT} characters, got {len(value)}", path)
    return value


def _identifier(value: object, path: str) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ProtocolError(f"expected at most 64 of A-Z a-z 0-9 - _, got {_short(value)}", path)
    return value


def _binary(lengths: tuple[int, ...] | None) -> _Read:
    def read(value: object, path: str) -> bytes:
        if not isinstance(value, bytes):
            raise ProtocolError(f"expected bytes, got {_type(value)}", path)
        if lengths is not None and len(value) not in lengths:
            raise ProtocolError(f"expected {' or '.join(map(str, lengths))} bytes, got {len(value)}", path)
        return value

    return read


def _choice(choices: tuple[str, ...]) -> _Read:
    def read(value: object, path: str) -> str:
        if isinstance(value, str) and value in choices:
            return value
        raise ProtocolError(f"expected one of {', '.join(choices)}, got {_short(value)}", path)

    return read


def _optional(inner: _Read) -> _Read:
    return lambda value, path: None if value is None else inner(value, path)


def _array(inner: _Read) -> _Read:
    def read(value: object, path: str) -> tuple[Any, ...]:
        items = _items(value, path)
        if len(items) > MAX_ITEMS:
            raise ProtocolError(f"expected at most {MAX_ITEMS} items, got {len(items)}", path)
        return tuple([inner(item, f"{path}[{index}]") for index, item in enumerate(items)])

    return read


def _named_tuple(kind: type[Extent] | type[Bounds]) -> _Read:
    names = kind._fields
    inner = [_reader(hint, kind, name) for name, hint in get_type_hints(kind).items()]

    def read(value: object, path: str) -> Any:
        items = _items(value, path)
        if len(items) != len(names):
            raise ProtocolError(f"expected {len(names)} numbers, got {len(items)}", path)
        return kind(*(part(v, f"{path}.{n}") for part, v, n in zip(inner, items, names, strict=True)))

    return read


def _record(kind: type) -> _Read:
    hints = get_type_hints(kind)
    parts = {f.name: _reader(hints[f.name], kind, f.name) for f in fields(kind)}
    needed = [f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING]
    check = _CHECKS.get(kind)

    def read(value: object, path: str) -> Any:
        entries = _entries(value, path)
        for name in entries:
            if name not in parts:
                raise ProtocolError(f"unknown field {_short(name)}", path)
        for name in needed:
            if name not in entries:
                raise ProtocolError("missing", _join(path, name))
        made = kind(**{name: parts[name](item, _join(path, name)) for name, item in entries.items()})
        if check is not None:
            check(made, path)
        return made

    return read


def _union(kinds: tuple[Any, ...]) -> _Read:
    readers = {k.kind: _record(k) for k in kinds}
    wanted = ", ".join(readers)

    def read(value: object, path: str) -> Any:
        entries = dict(_entries(value, path))
        kind = entries.pop("kind", None)
        if not isinstance(kind, str) or kind not in readers:
            raise ProtocolError(f"expected one of {wanted}, got {_short(kind)}", _join(path, "kind"))
        return readers[kind](entries, path or kind)

    return read


def _check_surface(surface: Surface, path: str) -> None:
    expected = math.prod(-(-edge // TILE_EDGE) for edge in surface.extent)
    if len(surface.tiles) != expected:
        raise ProtocolError(f"expected {expected} digests, got {len(surface.tiles)}", _join(path, "tiles"))


def _check_tile(tile: Tile, path: str) -> None:
    if (tile.patch is None) != (tile.base is None):
        raise ProtocolError("base and patch belong together", path)
    if len(tile.data) > TILE_EDGE * TILE_EDGE * 16:
        raise ProtocolError(f"{len(tile.data)} bytes are more than a tile", _join(path, "data"))
    if tile.patch is not None and not Bounds(0, 0, TILE_EDGE, TILE_EDGE).contains(tile.patch):
        raise ProtocolError("outside the tile", _join(path, "patch"))


def _check_extents(owner: Request | Result, path: str) -> None:
    """All surfaces show the same part of the canvas."""
    wanted = (owner.bounds if isinstance(owner, Result) else owner.area).extent
    for field in fields(owner):
        surface = getattr(owner, field.name)
        if isinstance(surface, Surface) and surface.extent != wanted:
            words = "differs from the extent of " + ("bounds" if isinstance(owner, Result) else "area")
            raise ProtocolError(words, _join(path, f"{field.name}.extent"))


def _check_grey(surface: Surface | None, path: str) -> None:
    if surface is not None and surface.format != "grey_u8":
        raise ProtocolError(f"expected grey_u8, got {surface.format}", _join(path, "format"))


def _check_masked(request: PaintRequest | ExtractRequest | PasteRequest, path: str) -> None:
    _check_extents(request, path)
    name = "region" if isinstance(request, PasteRequest) else "mask"
    _check_grey(getattr(request, name), _join(path, name))


def _check_result(result: Result, path: str) -> None:
    _check_extents(result, path)
    _check_grey(result.contour, _join(path, "contour"))
    _check_grey(result.detail, _join(path, "detail"))
    _check_grey(result.mask, _join(path, "mask"))


def _check_style(style: StyleEntry, path: str) -> None:
    if not style.id or not _ID.fullmatch(style.id):
        raise ProtocolError(f"expected 1 to 64 of A-Z a-z 0-9 - _, got {_short(style.id)}", _join(path, "id"))
    if len(style.thumbnail) > THUMBNAIL_BYTES:
        words = f"{len(style.thumbnail)} bytes, at most {THUMBNAIL_BYTES} fit"
        raise ProtocolError(words, _join(path, "thumbnail"))


def _check_distinct(message: NeedTiles | FetchTiles, path: str) -> None:
    if len(set(message.digests)) != len(message.digests):
        raise ProtocolError("the same digest twice", _join(path, "digests"))


def _check_submit(message: Submit, path: str) -> None:
    if not message.job_id:
        raise ProtocolError("empty", _join(path, "job_id"))


_CHECKS: dict[type, Callable[[Any, str], None]] = {
    Submit: _check_submit,
    Surface: _check_surface,
    Tile: _check_tile,
    PaintRequest: _check_masked,
    ExtractRequest: _check_masked,
    LearnStyleRequest: _check_extents,
    PasteRequest: _check_masked,
    Result: _check_result,
    StyleEntry: _check_style,
    NeedTiles: _check_distinct,
    FetchTiles: _check_distinct,
}


def _items(value: object, path: str) -> list[object]:
    if isinstance(value, list):
        return cast("list[object]", value)
    raise ProtocolError(f"expected an array, got {_type(value)}", path)


def _entries(value: object, path: str) -> dict[str, object]:
    if isinstance(value, dict):
        return cast("dict[str, object]", value)
    raise ProtocolError(f"expected a map, got {_type(value)}", path)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _type(value: object) -> str:
    return {"NoneType": "nil", "dict": "map", "list": "array"}.get(type(value).__name__, type(value).__name__)


def _short(value: object) -> str:
    text = repr(value) if isinstance(value, (str, bytes, int, float)) else _type(value)
    return text if len(text) <= 40 else f"{text[:40]}..."


_READERS: dict[Side, _Read] = {
    "client": _union(get_args(ClientMessage)),
    "server": _union(get_args(ServerMessage)),
}
