# SPDX-License-Identifier: GPL-3.0-or-later
"""Two layers of lines in a fake document: laid, weighed, drawn on, undone."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import count

import pytest

from krita_plugin.underdrawing.model import ink_layers
from krita_plugin.underdrawing.model.events import Notice
from krita_plugin.underdrawing.model.lines import Extraction, Lines, Look
from krita_plugin.underdrawing.model.roles import Role, assign, find_roles
from shared.errors import Refusal
from shared.geometry import Bounds
from shared.ink import alpha_table

from ..canvas_contract import GREEN, joined
from ..fake_canvas import FakeCanvas

BOUNDS = Bounds(4, 3, 12, 10)
PLANES = bytes(60) + bytes(range(60)), bytes(range(100, 220))
FOUND = Extraction(BOUNDS, PLANES, "Photo")
PAIR = ["Contour – Photo", "Detail – Photo"]


class Desk:
    def __init__(self) -> None:
        self.canvas = FakeCanvas(20, 20)
        self.turns: deque[Callable[[], None]] = deque()
        self.notices: list[Notice] = []
        self.laid: list[str] = []
        ticks = count()
        self.lines = Lines(
            lambda act, _ms: self.turns.append(act),
            lambda: next(ticks) / 1000,
            say=self.notices.append,
            laid=lambda canvas: self.laid.append(canvas.id),
        )

    def lay(self, look: Look = Look()) -> None:  # noqa: B008 - frozen
        self.lines.lay(self.canvas, FOUND, look)
        self.turn()

    def turn(self, most: int = 10_000) -> None:
        while self.turns and most:
            self.turns.popleft()()
            most -= 1

    def alpha(self, name: str) -> bytes:
        layer = self.canvas.named(name).id
        return joined(self.canvas.read_own(layer, BOUNDS, "bgra_u8"), BOUNDS)[3::4]

    def names(self) -> list[str]:
        return [layer.name for layer in self.canvas.layers()]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(ink_layers, "BAND_PIXELS", 24)
    return Desk()


def test_lines_are_laid_as_role_layers(desk: Desk) -> None:
    desk.lay()
    assert desk.names() == ["Background", "Underdrawing", *PAIR]
    assert [desk.alpha(name) for name in PAIR] == list(PLANES)
    assert desk.canvas.active == "0" and desk.laid == [desk.canvas.id]
    found = find_roles(desk.canvas.layers())
    assert [found[role].name for role in (Role.CONTOUR, Role.DETAIL)] == PAIR
    desk.canvas.undo()
    assert desk.names() == ["Background"]


def test_further_lines_lie_above_the_old_ones_and_are_the_roles(desk: Desk) -> None:
    assign(desk.canvas, Role.CONTOUR)
    old = desk.canvas.active
    desk.canvas.show(desk.canvas.named("Underdrawing").id, False)
    desk.lay()
    assert desk.names() == ["Background", "Underdrawing", "Contour", "Lines – Photo", *PAIR]
    assert find_roles(desk.canvas.layers())[Role.CONTOUR].id != old
    assert desk.canvas.named("Underdrawing").visible, "what is new is seen"


def test_another_weight_is_written_into_the_same_layers(desk: Desk) -> None:
    desk.lay(Look(0.5))
    names, layers = desk.names(), [layer.id for layer in desk.canvas.layers()]
    for look in (Look(2.0), Look(0.0), Look(1.0, 0.4), Look()):
        before = desk.canvas.refreshed
        desk.lines.change(look)
        assert desk.lines.is_busy
        desk.turn()
        table = alpha_table(look.weight, look.threshold)
        assert [desk.alpha(name) for name in PAIR] == [plane.translate(table) for plane in PLANES]
        assert desk.canvas.refreshed == before + 1
    assert (desk.names(), [layer.id for layer in desk.canvas.layers()]) == (names, layers)
    desk.lines.change(Look())
    assert not desk.lines.is_busy, "nothing changed"


def test_of_many_changes_the_last_is_shown(desk: Desk) -> None:
    desk.lay()
    desk.lines.change(Look(1.2))
    desk.turn(2)
    for weight in (1.4, 1.6, 1.8):
        desk.lines.change(Look(weight))
    desk.turn()
    assert desk.alpha(PAIR[1]) == PLANES[1].translate(alpha_table(1.8, 0))
    assert desk.canvas.refreshed == 3, "laid, and written over twice: those between are passed over"


@pytest.mark.parametrize("place", [Bounds(5, 9, 1, 1), Bounds(4, 3, 2, 1), Bounds(0, 0, 1, 1)])
@pytest.mark.parametrize("name", PAIR)
def test_lines_that_were_drawn_on_stay(desk: Desk, place: Bounds, name: str) -> None:
    desk.lay()
    drawn = desk.canvas.named(name)
    desk.canvas.ink(drawn.id, place, GREEN)
    before = dict(desk.canvas.find(drawn.id).pixels)
    desk.lines.change(Look(2.0))
    desk.turn()
    assert desk.canvas.find(drawn.id).pixels == before
    assert desk.names() == ["Background", "Underdrawing", *PAIR, "Lines – Photo", *PAIR]
    assert desk.alpha(name) == PLANES[PAIR.index(name)].translate(alpha_table(2.0, 0)), "the new one, above"
    desk.lines.change(Look(0.5))
    desk.turn()
    assert len(desk.names()) == 7, "the new pair is written over"


def test_a_stroke_between_looking_and_writing_is_kept(desk: Desk) -> None:
    """Whenever the artist draws while the layers are written over, the stroke stays."""
    for turns in range(1, 30):
        fresh = Desk()
        fresh.lay()
        detail = fresh.canvas.named(PAIR[1]).id
        fresh.lines.change(Look(0.5))
        fresh.turn(turns)
        if not fresh.lines.is_busy:
            break
        fresh.canvas.ink(detail, Bounds(10, 12, 1, 1), GREEN)
        fresh.turn()
        assert fresh.canvas.find(detail).pixels[10, 12] == GREEN
        assert not fresh.notices
    else:
        raise AssertionError("the work never ended")


def test_lines_that_were_undone_or_closed_are_left_alone(desk: Desk) -> None:
    desk.lay()
    desk.canvas.undo()
    desk.lines.change(Look(2.0))
    desk.turn()
    assert desk.names() == ["Background"] and not desk.notices
    desk.lay()
    desk.canvas.alive = False
    desk.lines.change(Look(0.5))
    desk.turn()
    assert not desk.notices


def test_a_document_closed_while_lines_are_laid(desk: Desk) -> None:
    desk.lines.lay(desk.canvas, FOUND, Look())
    desk.turn(1)
    desk.canvas.alive = False
    desk.turn()
    assert "closed" in desk.notices[0].message


def test_lines_that_do_not_fit_are_refused(desk: Desk) -> None:
    with pytest.raises(Refusal, match="at least 16 x 13 pixels"):
        desk.lines.lay(FakeCanvas(10, 10), FOUND, Look())
