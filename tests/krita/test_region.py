# SPDX-License-Identifier: GPL-3.0-or-later
"""What is painted of a picture, in the real program: what is drawn and no more, or all that is marked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from backend.weights.files.small_networks import write_network
from backend.weights.runtime.completion import COMPLETION
from models.networks.completion import CompletionNet

from .painter import Box, Painter

pytestmark = [pytest.mark.krita, pytest.mark.timeout(900)]

HOUSE: Box = (188, 128, 144, 128)
"""All strokes of the house, with their width and soft rim."""


def landscape(path: Path) -> Path:
    """A sky, hills with grain, and a lamp post: 512 x 384."""
    dice = np.random.default_rng(3)
    y, x = np.mgrid[0:384, 0:512]
    picture = np.stack([110 + y / 6, 150 + y / 8, 210 - y / 20], axis=2)
    hill = y > 230 + 30 * np.sin(x / 70)
    picture[hill] = np.stack([70 + y / 9, 110 + 20 * np.sin(x / 15), 60 + y / 12], axis=2)[hill]
    picture[120:300, 430:438] = 40
    grain = dice.normal(0, 8, picture.shape)
    Image.fromarray((picture + grain).clip(0, 255).astype(np.uint8)).save(path)
    return path


def draw_house(painter: Painter) -> None:
    painter.take_role("contour")
    corners = [(212, 240), (212, 190), (260, 142), (308, 190), (308, 240), (212, 240)]
    for (x, y), (to_x, to_y) in pairwise(corners):  # one by one: Krita would round the corners
        painter.stroke([(x + (to_x - x) * n // 6, y + (to_y - y) * n // 6) for n in range(-1, 8)])
    painter.take_role("colours")
    painter.stroke([(235, 215), (250, 216), (268, 218), (285, 220)])
    painter.stroke([(250, 170), (256, 171), (263, 171), (270, 172)])


@pytest.fixture
def place(painter: Painter, tmp_path: Path) -> Iterator[Painter]:
    """A painter before a landscape, with the network behind Live, if only an untrained one."""
    folder = painter.krita.home / "weights" / "completion"
    if not COMPLETION.exists() and not folder.exists():
        write_network(CompletionNet(), folder)
    painter.open_picture(landscape(tmp_path / "landscape.png"))
    yield painter
    painter.krita.run("(session().live.turn_off(), session().change(None, region='lines'))")


def changed_by(painter: Painter, before: bytes) -> Box:
    changed = painter.changed_bounds(before, painter.ask("merged"))
    assert changed is not None
    return changed


def test_a_house_drawn_in_a_landscape_changes_nothing_around_it(place: Painter) -> None:
    """Neither Live, nor Refine, nor Paint, without a selection."""
    before = place.ask("merged")
    place.wait_until_ready()
    place.click("live.switch")
    place.krita.wait("session().live.is_on")
    draw_house(place)
    place.krita.wait("session().live.picture is not None and not session().live._job", 120)
    place.krita.wait("any(bytes(node('Preview').pixelData(225, 200, 40, 30))[3::4])", 60)
    place.look("live")
    assert place.inside(changed_by(place, before), HOUSE)

    place.krita.run("part('more').steps.setValue(2)")
    place.click("live.refine")
    refined = place.wait_for_layer("Painted")
    place.look("refined")
    assert place.inside(place.ask("bounds", refined), HOUSE)
    assert place.inside(changed_by(place, before), HOUSE)

    place.click("live.switch")
    place.krita.wait("not session().live.is_on")
    place.undo()
    assert refined not in place.ask("names")
    place.paint(steps=2)
    painted = place.wait_for_layer("Painted")
    place.look("painted")
    walls = np.frombuffer(place.ask("pixels", painted, 220, 196, 80, 40), np.uint8)
    assert (walls[3::4] == 255).all(), "the house, not only its strokes"
    assert place.inside(changed_by(place, before), HOUSE)


def test_the_switch_is_kept_in_the_picture_and_a_mask_decides(place: Painter) -> None:
    place.click("region.whole")
    assert place.krita.run("session().settings.region") == "selection"
    place.krita.wait("b'\"region\": \"selection\"' in bytes(document().annotation('underdrawing.state'))")
    place.krita.wait("part('region').whole.isChecked() and not part('region').lines.isChecked()")
    place.look("whole")
    place.take_role("mask")
    place.stroke([(200, 200), (300, 200)])
    place.krita.wait("not part('region').whole.isEnabled()")
    assert "Mask layer decides" in place.krita.run("part('region').whole.toolTip()")
    place.look("masked")
    place.ask("select", 40, 40, 180, 180)
    place.krita.wait("part('region').lines.isEnabled()")


def test_its_words_fit_a_narrow_docker(place: Painter) -> None:
    place.krita.run("window().qwindow().resizeDocks([docker()], [250], Qt.Orientation.Horizontal)")
    place.krita.run("part('more').fold.setChecked(True)")
    place.click("region.lines")
    place.look("narrow")
    halves = "(part('region').lines, part('region').whole)"
    cut_off = place.krita.run(f"[h.text() for h in {halves} if h.width() < h.sizeHint().width()]")
    assert cut_off == [], place.krita.run("part('region').width()")
    place.click("more.shadow")
    place.krita.wait("session().settings.shadow")
    place.look("more")
    place.krita.run("(part('more').shadow.setChecked(False), part('more').fold.setChecked(False))")


def test_a_selection_with_nothing_drawn_in_it_is_filled(place: Painter) -> None:
    draw_house(place)
    before = place.ask("merged")
    place.ask("select", 400, 100, 60, 210)
    place.krita.wait("part('paint').text() == 'Fill from surroundings'")
    assert "Nothing drawn" in place.krita.run("part('paint').toolTip()")
    place.look("offer")
    place.paint(steps=2)
    place.wait_for_layer("Painted")
    place.look("filled")
    reach = 8  # the selection's border is feathered
    assert place.inside(
        changed_by(place, before), (400 - reach, 100 - reach, 60 + 2 * reach, 210 + 2 * reach)
    )
    place.ask("select", 180, 100, 160, 160)
    place.krita.wait("part('paint').text() == 'Paint'")
