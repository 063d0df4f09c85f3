# SPDX-License-Identifier: GPL-3.0-or-later
"""Each role's own brush, in the real program."""

from __future__ import annotations

import pytest

from benchmarks.programs.krita_session import wait_for

from .painter import Painter

pytestmark = [pytest.mark.krita, pytest.mark.timeout(900)]

BRUSH = """
_view = window().activeView()
_on = lambda name: app.action(name).isChecked()
(_view.currentBrushPreset().name(), _view.brushSize(), _view.foregroundColor().toQString(),
 _view.paintingOpacity(), _on('erase_action'), _on('disable_pressure'))
"""


def brush_is(painter: Painter, wanted: list[object]) -> None:
    wait_for(lambda: painter.krita.run(BRUSH) == wanted, 30, f"the brush {wanted}")


def test_each_role_has_its_own_brush(painter: Painter) -> None:
    painter.new_picture(600, 400)
    painter.take_role("contour")
    painter.krita.wait("window().activeView().brushSize() < 10")
    painter.krita.run(
        "window().activeView().setBrushSize(3.0); window().activeView().setPaintingOpacity(0.8)"
    )
    thin = painter.krita.run(BRUSH)
    painter.stroke([(100, 100), (300, 200)])
    painter.take_role("colours")
    painter.krita.wait("window().activeView().brushSize() > 10")
    painter.krita.run(
        "_view.setCurrentBrushPreset(app.resources('preset')['b) Airbrush Soft']);"
        "_view.setBrushSize(31.0); _view.setPaintingOpacity(0.5)"
    )
    broad = painter.krita.run(BRUSH)
    assert broad[2] != thin[2], "a colour of its own"
    painter.stroke([(300, 100), (400, 200)])
    painter.take_role("contour")
    brush_is(painter, thin)
    painter.krita.run("document().setActiveNode(node('Colours'))")
    brush_is(painter, broad)
