# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from krita_plugin.underdrawing.model.spaces import FORMATS, SRGB, is_same, read_as
from shared.pixels import BYTES_PER_PIXEL

LINEAR = "sRGB-elle-V2-g10.icc"


@pytest.mark.parametrize(
    ("space", "format"),
    [
        (("RGBA", "U8", SRGB), "bgra_u8"),
        (("RGBA", "U8", "sRGB built-in"), "bgra_u8"),
        (("RGBA", "U16", "sRGB-elle-V4-srgbtrc.icc"), "bgra_u16"),
        (("RGBA", "F32", SRGB), "rgba_f32"),
        (("GRAYA", "U8", "Gray-D50-elle-V2-srgbtrc.icc"), "graya_u8"),
        (("RGBA", "U8", "ClayRGB-elle-V2-g22.icc"), "bgra_u8"),
        (("RGBA", "U16", LINEAR), "bgra_u16"),
        (("RGBA", "F16", LINEAR), "bgra_u16"),
        (("RGBA", "F32", "scRGB (linear)"), "bgra_u16"),
        (("GRAYA", "U16", "Gray-D50-elle-V2-g10.icc"), "bgra_u16"),
        (("CMYKA", "U8", "Chemical proof"), "bgra_u8"),
        (("LABA", "U16", "Lab identity built-in"), "bgra_u16"),
    ],
)
def test_documents_are_read_as_srgb(space: tuple[str, str, str], format: str) -> None:
    assert read_as(space) == format


def test_names_of_srgb_are_one_space() -> None:
    assert is_same(("RGBA", "U8", SRGB), ("RGBA", "U8", "sRGB built-in"))
    assert not is_same(("RGBA", "U8", SRGB), ("RGBA", "U8", LINEAR))
    assert not is_same(("RGBA", "U8", SRGB), ("RGBA", "U16", SRGB))
    assert not is_same(("RGBA", "U8", SRGB), ("RGBA", "U8", "sRGB-elle-V2-labl.icc"))


def test_every_format_can_travel() -> None:
    assert set(FORMATS.values()) <= set(BYTES_PER_PIXEL)
