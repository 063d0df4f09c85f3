# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks that FakeCanvas passes, on Krita's own documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.krita_plugin.canvas_contract import CHECKS
from tests.krita_plugin.pane_contract import PANE_CHECKS

from .painter import Painter

pytestmark = [pytest.mark.krita, pytest.mark.timeout(900)]

FOLDER = Path(__file__).parents[1] / "krita_plugin"


@pytest.mark.parametrize("check", [check.__name__ for check in CHECKS + PANE_CHECKS])
def test_krita_keeps_the_contract(painter: Painter, check: str) -> None:
    krita = painter.krita
    for file in ("canvas_contract.py", "pane_contract.py", "krita_studio.py"):
        krita.run((FOLDER / file).read_text())
    krita.run("heard = {}; check_contract([globals()[check]], KritaStudio(), heard.update)", check=check)
    krita.wait("check in heard", 120, check=check)
    assert krita.run("heard[check]", check=check) == ""


def test_plain_layers_are_composed_as_krita_does(painter: Painter) -> None:
    krita, check = painter.krita, "check_plain_layers_lie_over_each_other"
    krita.run((FOLDER / "krita_studio.py").read_text())
    krita.run("heard = {}; check_contract([globals()[check]], KritaStudio(), heard.update)", check=check)
    krita.wait("check in heard", 120, check=check)
    assert krita.run("heard[check]", check=check) == ""


SPACES = [
    ("RGBA", "U8", "ClayRGB-elle-V2-g22.icc"),
    ("RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc"),
    ("RGBA", "U16", "sRGB-elle-V2-g10.icc"),
    ("RGBA", "F16", "sRGB-elle-V2-g10.icc"),
    ("RGBA", "F32", "sRGB-elle-V2-srgbtrc.icc"),
    ("GRAYA", "U8", "Gray-D50-elle-V2-srgbtrc.icc"),
    ("CMYKA", "U8", "Chemical proof"),
    ("LABA", "U16", "Lab identity built-in"),
]


@pytest.mark.parametrize("space", SPACES, ids=lambda space: "-".join(space[:2]))
def test_colours_survive_in_every_colour_space(painter: Painter, space: tuple[str, str, str]) -> None:
    krita = painter.krita
    krita.run((FOLDER / "krita_studio.py").read_text())
    krita.run(
        "heard = {}; check_contract([check_colours_survive], KritaStudio(*space), heard.update)", space=space
    )
    krita.wait("'check_colours_survive' in heard", 120)
    assert krita.run("heard['check_colours_survive']") == ""
