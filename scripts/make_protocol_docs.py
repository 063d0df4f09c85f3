#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write docs/protocol.md from the messages' own annotations and docstrings."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

REPO = Path(__file__).parents[1]
sys.path.insert(0, str(REPO))

from shared import acts, codec, library_messages, messages, model_messages, version  # noqa: E402 - run as a script
from shared.fields import AtMost, Lengths, Range  # noqa: E402

TARGET = REPO / "docs" / "protocol.md"


def states() -> str:
    return ", ".join(f"`{state}`" for state in get_args(messages.JobState))


HEAD = f"""# The protocol

*Made by `scripts/make_protocol_docs.py` from `shared/messages.py` and its neighbours; change it there.*

The plugin (client) and the backend (server) talk over one WebSocket on 127.0.0.1. Each binary message is one
MessagePack map: `kind` and the fields below. `Extent` and `Bounds` are arrays of numbers, bytes are `bin`,
nothing is an extension type. This is version {version.PROTOCOL}; both sides must speak it. A message has
at most {codec.MAX_MESSAGE_BYTES:,} bytes. A field with a default may be missing; an unknown field, a value of
another type or out of range is an error that names its path, and closes the connection (1002).

## How a painting goes

```
client                                   server
Hello (version, token) ----------------> refused in words (Failed, job_id "") or
       <-------------------------------- Welcome, then every job of this client_id as it stands
Submit (the request, pixels by digest) ->
       <-------------------------------- JobStatus "waiting", NeedTiles (what is not known here)
PutTiles, as many as it takes ---------->
       <-------------------------------- JobStatus "queued", "loading", "running"; Preview
       <-------------------------------- PutTiles (the painted layer's), JobStatus "done", Result
FetchTiles (what has not come) --------->  only after a reconnect
       <-------------------------------- PutTiles
Release -------------------------------->  and the server forgets the job
```

- **Pixels are named by digest.** A layer is cut into tiles of at most {messages.TILE_EDGE} x
  {messages.TILE_EDGE} pixels; a tile's name is the first 16 bytes of the SHA-256 of its bytes. The server
  asks for what it lacks: an unchanged layer is named, not sent. Of a changed tile only its changed rectangle
  is sent, against the tile as it was; where the server has forgotten that one, it asks again, for all of it.
  All-zero tiles have the empty name and never travel. Tiles may also come before they are asked for.
- **Nothing is lost by a broken connection.** Jobs belong to the `client_id`, not to the connection. After a
  reconnect `Welcome` lists them, and `NeedTiles`, `Failed` and `Result` are told again. A job that `Welcome`
  does not list is unknown to the server (it was restarted, say): submit it again. A result waits on disk
  until `Release`, for a day at most.
- **A job ends once**: `Result`, `Failed`, or JobStatus "cancelled". Then the client sends `Release`.
- **Learning gives way.** A LearnStyleRequest that runs is paused for every other job ("queued", with a note)
  and goes on afterwards. A cancelled one keeps what it learnt: the same request goes on there.
- **Live previews come first.** A PaintRequest with `live` is done before all that waits and, within a
  step, in the midst of what runs. A newer one replaces it while it waits; nothing outlives the connection.
- **Statuses and previews may be skipped** when the client reads slowly: it gets the latest.
- **States of a job**: {states()}.

## Who gets in

The server listens on loopback, on a port that the system chose, and writes port and secret token to
`run/backend.json` in its folder, readable by the user alone. A request with an `Origin` header (that is, from
a web page), for another host name than loopback's, or without the token is refused. From another machine it
is reached through an SSH tunnel or TLS, see [a backend on another machine](remote-backend.md).
"""

FORMATS = """
## Pixel formats

| format | bytes | layout |
|---|---|---|
| `bgra_u8` | 4 | blue, green, red, alpha |
| `bgra_u16` | 8 | the same in 16 bits |
| `rgba_f16`, `rgba_f32` | 8, 16 | red, green, blue, alpha in half and single floats |
| `graya_u8`, `graya_u16` | 2, 4 | grey, alpha |
| `grey_u8` | 1 | a mask |

Row-major without padding, little-endian, alpha not premultiplied, as Krita gives them.
"""


def document() -> str:
    """The whole page."""
    client, server = get_args(messages.ClientMessage), get_args(messages.ServerMessage)
    parts = [HEAD, FORMATS, "\n## The client says\n", *map(section, client)]
    parts += ["\n## The server says\n", *(section(kind) for kind in server if kind not in client)]
    parts.append("`PutTiles` is the same in both directions.\n")
    parts.append("\n## Parts of messages\n")
    parts += map(section, (*get_args(acts.Request), *get_args(acts.Outcome), *pieces()))
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def pieces() -> tuple[type, ...]:
    own = acts.Strengths, messages.Surface, messages.Tile, messages.FamilyInfo
    return *own, model_messages.ModelInfo, library_messages.LearntEntry


def section(kind: type) -> str:
    """Heading, words and fields of one dataclass."""
    words, explained = docstring(kind)
    name: str | None = getattr(kind, "kind", None)
    tag = f' (`kind: "{name}"`)' if name else ""
    lines = [f"### {kind.__name__}{tag}", "", words, ""]
    rows = [row(kind, field, explained.get(field.name, "")) for field in fields(kind)]
    if rows:
        lines += ["| field | type | default | |", "|---|---|---|---|", *rows, ""]
    return "\n".join(lines)


def row(kind: type, field: Field[Any], words: str) -> str:
    hint = get_type_hints(kind, include_extras=True)[field.name]
    return f"| `{field.name}` | {described(hint)} | {default(field)} | {words} |"


def described(hint: Any) -> str:
    """A field's type and limits, for people."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return f"{described(arguments[0])}{''.join(map(limits, arguments[1:]))}"
    if origin is tuple:
        return f"array of {described(arguments[0])}"
    if origin is Literal:
        return " or ".join(f"`{choice}`" for choice in arguments)
    if arguments:
        return " or ".join(map(described, arguments))
    return "nil" if hint is type(None) else hint.__name__


def limits(limit: object) -> str:
    """Of a number its range, of bytes how many there may be."""
    if isinstance(limit, Range):
        return f" {limit.low:,}..{limit.high:,}".replace(",", " ")
    if isinstance(limit, Lengths):
        return f" ({' or '.join(map(str, limit.allowed))} of them)"
    return f" (at most {limit.count} of them)" if isinstance(limit, AtMost) else ""


def default(field: Field[Any]) -> str:
    if field.default_factory is not MISSING:
        return "all defaults"
    if field.default is MISSING:
        return ""
    return f"`{field.default!r}`" if field.default is not None else "nil"


def docstring(kind: type) -> tuple[str, dict[str, str]]:
    """Its words, and what "Args:" says of each field."""
    head, _, arguments = (inspect.getdoc(kind) or "").partition("Args:\n")
    if head.startswith(f"{kind.__name__}("):
        head = ""  # dataclass made it up
    return " ".join(head.split()), dict(entries(arguments))


def entries(arguments: str) -> Iterator[tuple[str, str]]:
    for names, words in re.findall(r"^    (\w[\w, ]*): ((?:.|\n {6,})+)", arguments, re.MULTILINE):
        for name in names.split(", "):
            yield name, " ".join(words.split())


if __name__ == "__main__":
    TARGET.write_text(document(), encoding="utf-8")
