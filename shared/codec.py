# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages <-> bytes. MessagePack carries them; the dataclasses' own annotations say what may arrive.

A message is a map of its fields plus "kind"; Extent and Bounds are arrays; a field with a default may be
missing; an unknown field is an error. Every value is checked for type and range before a message exists, so
the code behind the codec may trust what it gets.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from .errors import ProtocolError
from .fields import FAR, ID, AtMost, Identifier, Lengths, Range
from .geometry import Bounds, Extent
from .messages import ClientMessage, Message, ServerMessage

Side = Literal["client", "server"]
"""Who wrote the bytes."""

MAX_MESSAGE_BYTES = 8 * 2**20
MAX_TEXT = 4096
MAX_ITEMS = 4096  # the tiles of a surface of 16384 x 16384

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
_Limit = TypeVar("_Limit")


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


def _reader(hint: Any) -> _Read:
    """The function that checks and builds a value of the type `hint`."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _scalar(args[0], args[1:])
    if origin is tuple and args[1:] == (...,):
        return _array(_reader(args[0]))
    if origin is Literal:
        return _choice(args)
    if origin is not None and type(None) in args:
        (inner,) = (a for a in args if a is not type(None))
        return _optional(_reader(inner))
    if origin in (Union, UnionType):
        return _union(args)
    if is_dataclass(hint):
        return _union((hint,)) if hasattr(hint, "kind") else _record(cast("type", hint))
    if hint in (Extent, Bounds):
        return _named_tuple(hint)
    return _scalar(hint, ())


def _scalar(kind: Any, limits: tuple[Any, ...]) -> _Read:
    if kind in (int, float):
        return _number(_limit(limits, Range) or Range(0, FAR), whole=kind is int)
    if kind is str:
        identifier = _limit(limits, Identifier)
        return _text if identifier is None else _identifier(identifier)
    if kind is bytes:
        return _binary(_limit(limits, Lengths), _limit(limits, AtMost))
    return {bool: _boolean}[kind]


def _limit(limits: tuple[Any, ...], kind: type[_Limit]) -> _Limit | None:
    return next((limit for limit in limits if isinstance(limit, kind)), None)


def _number(limits: Range, *, whole: bool) -> _Read:
    low, high = limits.low, limits.high
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


def _identifier(limits: Identifier) -> _Read:
    wanted = f"expected {'at most' if limits.may_be_empty else '1 to'} 64 of A-Z a-z 0-9 - _"

    def read(value: object, path: str) -> str:
        if isinstance(value, str) and ID.fullmatch(value) and (value or limits.may_be_empty):
            return value
        raise ProtocolError(f"{wanted}, got {_short(value)}", path)

    return read


def _binary(lengths: Lengths | None, at_most: AtMost | None) -> _Read:
    def read(value: object, path: str) -> bytes:
        if not isinstance(value, bytes):
            raise ProtocolError(f"expected bytes, got {_type(value)}", path)
        if lengths is not None and len(value) not in lengths.allowed:
            wanted = " or ".join(map(str, lengths.allowed))
            raise ProtocolError(f"expected {wanted} bytes, got {len(value)}", path)
        if at_most is not None and len(value) > at_most.count:
            raise ProtocolError(f"expected at most {at_most.count} bytes, got {len(value)}", path)
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
    inner = [_reader(hint) for hint in get_type_hints(kind, include_extras=True).values()]

    def read(value: object, path: str) -> Any:
        items = _items(value, path)
        if len(items) != len(names):
            raise ProtocolError(f"expected {len(names)} numbers, got {len(items)}", path)
        return kind(*(part(v, f"{path}.{n}") for part, v, n in zip(inner, items, names, strict=True)))

    return read


def _record(kind: type) -> _Read:
    hints = get_type_hints(kind, include_extras=True)
    parts = {f.name: _reader(hints[f.name]) for f in fields(kind)}
    needed = [f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING]
    is_checked = hasattr(kind, "faults")

    def read(value: object, path: str) -> Any:
        entries = _entries(value, path)
        for name in entries:
            if name not in parts:
                raise ProtocolError(f"unknown field {_short(name)}", path)
        for name in needed:
            if name not in entries:
                raise ProtocolError("missing", _join(path, name))
        made = kind(**{name: parts[name](item, _join(path, name)) for name, item in entries.items()})
        if is_checked:
            for name, words in made.faults():
                raise ProtocolError(words, _join(path, name))
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


def _items(value: object, path: str) -> list[object]:
    if isinstance(value, list):
        return cast("list[object]", value)
    raise ProtocolError(f"expected an array, got {_type(value)}", path)


def _entries(value: object, path: str) -> dict[str, object]:
    if isinstance(value, dict):
        return cast("dict[str, object]", value)
    raise ProtocolError(f"expected a map, got {_type(value)}", path)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else path or name


def _type(value: object) -> str:
    return {"NoneType": "nil", "dict": "map", "list": "array"}.get(type(value).__name__, type(value).__name__)


def _short(value: object) -> str:
    text = repr(value) if isinstance(value, (str, bytes, int, float)) else _type(value)
    return text if len(text) <= 40 else f"{text[:40]}..."


_READERS: dict[Side, _Read] = {
    "client": _union(get_args(ClientMessage)),
    "server": _union(get_args(ServerMessage)),
}
