# SPDX-License-Identifier: GPL-3.0-or-later
"""Krita is left by the keyboard, whatever the docker is about: no dialog, no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import INSIDE, new_krita
from .painter import Painter
from .test_live import give_engine, switch_on

pytestmark = [pytest.mark.krita, pytest.mark.timeout(900)]

PATIENCE_S = 60
"""Krita leaves in a few seconds; a dialog would keep it for good."""


def draw(painter: Painter) -> None:
    painter.new_picture(300, 300)
    painter.take_role("contour")
    painter.stroke([(80, 80), (220, 80), (150, 220), (80, 80)])


def nothing_open(painter: Painter) -> None:
    painter.krita.run("docker().show()")


def in_mid_job(painter: Painter) -> None:
    draw(painter)
    painter.ask("select", 60, 60, 180, 180)
    painter.paint(steps=150)
    painter.wait_for_steps()


def live_on(painter: Painter) -> None:
    give_engine(painter)
    draw(painter)
    switch_on(painter)
    painter.krita.wait("session().live.picture is not None", 120)


@pytest.mark.parametrize("begin", [nothing_open, draw, in_mid_job, live_on])
def test_leaving_by_the_keyboard(begin, tmp_path: Path) -> None:
    with new_krita() as leaving:
        leaving.run(INSIDE)
        begin(Painter(leaving, tmp_path))
        leaving.run("document() is None or document().setModified(False)")
        leaving.mouse("key", "ctrl+q")
        assert leaving.krita.wait(PATIENCE_S) == 0
        assert "Traceback" not in leaving.log()
        assert "has been deleted" not in leaving.log()
