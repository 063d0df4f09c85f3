# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks that FakeCanvas passes, on Krita's own documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.krita_plugin.canvas_contract import CHECKS

from .painter import Painter

pytestmark = [pytest.mark.krita, pytest.mark.timeout(900)]

FOLDER = Path(__file__).parents[1] / "krita_plugin"


@pytest.mark.parametrize("check", [check.__name__ for check in CHECKS])
def test_krita_keeps_the_contract(painter: Painter, check: str) -> None:
    krita = painter.krita
    for file in ("canvas_contract.py", "krita_studio.py"):
        krita.run((FOLDER / file).read_text())
    krita.run("heard = {}; check_contract([globals()[check]], KritaStudio(), heard.update)", check=check)
    krita.wait("check in heard", 120, check=check)
    assert krita.run("heard[check]", check=check) == ""
