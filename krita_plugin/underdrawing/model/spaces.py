# SPDX-License-Identifier: GPL-3.0-or-later
"""Colour spaces by the names that Krita gives them, and the byte layouts that travel."""

from __future__ import annotations

import re

from ..wire import messages

Space = tuple[str, str, str]
"""Colour model, depth and profile, as Krita names them."""

SRGB = "sRGB-elle-V2-srgbtrc.icc"
SRGB_GREY = "Gray-D50-elle-V2-srgbtrc.icc"

_SRGB_LIKE = re.compile(
    r"sRGB-elle-V\d-srgbtrc|sRGB built-in$|sRGB IEC61966|Artifex Software sRGB|"
    r"Gray-D50-elle-V\d-srgbtrc|Artifex Software sGray"
)
"""Profiles with the primaries and the curve of sRGB."""

FORMATS: dict[tuple[str, str], messages.PixelFormat] = {
    ("RGBA", "U8"): "bgra_u8",
    ("RGBA", "U16"): "bgra_u16",
    ("RGBA", "F16"): "rgba_f16",
    ("RGBA", "F32"): "rgba_f32",
    ("GRAYA", "U8"): "graya_u8",
    ("GRAYA", "U16"): "graya_u16",
}
SPACES: dict[messages.PixelFormat, Space] = {
    format: (model, depth, SRGB if model == "RGBA" else SRGB_GREY)
    for (model, depth), format in FORMATS.items()
}
"""The space that a format's bytes are in."""


def is_same(one: Space, other: Space) -> bool:
    """Whether bytes of both spaces mean the same."""
    both_srgb = _SRGB_LIKE.match(one[2]) and _SRGB_LIKE.match(other[2])
    return one == other or bool(one[:2] == other[:2] and both_srgb)


def read_as(space: Space) -> messages.PixelFormat:
    """How a document of this space is read: in its own format where that is sRGB, else converted to RGBA."""
    format = FORMATS.get(space[:2])
    if format is not None and _SRGB_LIKE.match(space[2]):
        return format
    return "bgra_u8" if space[1] == "U8" else "bgra_u16"
