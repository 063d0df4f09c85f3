# SPDX-License-Identifier: GPL-3.0-or-later
"""The only file that knows where the shared language and the vendored packages live.

Installed, they are sub-packages of ours (`underdrawing.shared`, `underdrawing.vendor.*`), because all of
Krita's plugins share one interpreter. In the repository they are top-level packages.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

INSTALLED = (Path(__file__).parent / "shared").is_dir()
"""Whether this is the copy that install.py made."""

if TYPE_CHECKING or not INSTALLED:
    from msgpack import fallback as _msgpack  # pyright: ignore[reportMissingTypeStubs]
    from websockets import exceptions as socket_errors
    from websockets.sync import client as socket

    from shared import (
        acts,
        codec,
        errors,
        geometry,
        ink,
        library_messages,
        light,
        messages,
        model_messages,
        pixels,
        surfaces,
        version,
    )
else:
    from .shared import (
        acts,
        codec,
        errors,
        geometry,
        ink,
        library_messages,
        light,
        messages,
        model_messages,
        pixels,
        surfaces,
        version,
    )
    from .vendor.msgpack import fallback as _msgpack
    from .vendor.websockets import exceptions as socket_errors
    from .vendor.websockets.sync import client as socket

_fallback: Any = _msgpack


def packb(value: object) -> bytes:
    """MessagePack in pure Python: the compiled one fits only the Python it was built for."""
    return _fallback.Packer().pack(value)


def unpackb(data: bytes) -> object:
    return _fallback.unpackb(data)


__all__ = [
    "INSTALLED",
    "acts",
    "codec",
    "errors",
    "geometry",
    "ink",
    "library_messages",
    "light",
    "messages",
    "model_messages",
    "packb",
    "pixels",
    "socket",
    "socket_errors",
    "surfaces",
    "unpackb",
    "version",
]
