# SPDX-License-Identifier: GPL-3.0-or-later
"""Each role's brush comes back."""

from __future__ import annotations

from krita_plugin.underdrawing.model.brushes import RoleBrushes
from krita_plugin.underdrawing.model.roles import STYLES, Role, assign

from ..fake_canvas import FakeCanvas

INK, AIRBRUSH = ("ink", 3.0), ("airbrush", 31.0)
USUAL = {role: (STYLES[role].brush_colour, STYLES[role].brush_part * 1000) for role in Role}


class Hand:
    def __init__(self) -> None:
        self.brush: tuple[str, float] | None = ("own", 40.0)

    def held(self) -> object:
        return self.brush

    def take_up(self, held: object, scale: float) -> None:
        assert isinstance(held, tuple)
        self.brush = held[0], held[1] * scale

    def take_usual(self, colour: str, size_px: float) -> None:
        self.brush = colour, size_px


class Artist:
    def __init__(self) -> None:
        self.hand = Hand()
        self.brushes = RoleBrushes(self.hand)
        self.canvas = FakeCanvas(1000, 500)

    def press(self, role: Role) -> None:
        self.brushes.follow(self.canvas)
        layer, _ = assign(self.canvas, role)
        self.brushes.come_to(self.canvas, role, layer)

    def click_layer(self, layer: str) -> None:
        self.brushes.follow(self.canvas)
        self.canvas.activate(layer)
        self.brushes.follow(self.canvas)


def test_the_thin_line_comes_back_thin() -> None:
    artist = Artist()
    artist.press(Role.CONTOUR)
    assert artist.hand.brush == USUAL[Role.CONTOUR]
    artist.hand.brush = INK
    artist.press(Role.COLOURS)
    assert artist.hand.brush == USUAL[Role.COLOURS]
    artist.hand.brush = AIRBRUSH
    artist.press(Role.CONTOUR)
    assert artist.hand.brush == INK
    artist.press(Role.COLOURS)
    assert artist.hand.brush == AIRBRUSH


def test_the_same_role_once_more_changes_nothing() -> None:
    artist = Artist()
    artist.press(Role.CONTOUR)
    artist.hand.brush = INK
    artist.press(Role.CONTOUR)
    assert artist.hand.brush == INK


def test_a_brush_for_another_layer_is_not_taken_for_the_roles() -> None:
    artist = Artist()
    artist.press(Role.CONTOUR)
    contour = artist.canvas.active
    artist.hand.brush = INK
    artist.click_layer("0")
    assert artist.hand.brush == INK, "no role, no other brush"
    artist.hand.brush = AIRBRUSH
    artist.click_layer(contour)
    assert artist.hand.brush == INK


def test_a_role_come_to_for_the_first_time_by_its_layer_leaves_the_brush() -> None:
    artist = Artist()
    layer, _ = assign(artist.canvas, Role.COLOURS)
    artist.canvas.activate("0")
    artist.brushes.follow(artist.canvas)
    artist.hand.brush = AIRBRUSH
    artist.click_layer(layer)
    assert artist.hand.brush == AIRBRUSH


def test_a_lent_tool_takes_the_brush_along_to_another_layer() -> None:
    artist = Artist()
    for role, brush in ((Role.COLOURS, AIRBRUSH), (Role.CONTOUR, INK)):
        artist.press(role)
        artist.hand.brush = brush
    assign(artist.canvas, Role.COLOURS)
    artist.brushes.stay(artist.canvas)
    artist.brushes.follow(artist.canvas)
    assert artist.hand.brush == INK
    artist.press(Role.COLOURS)
    assert artist.hand.brush == AIRBRUSH
    artist.press(Role.CONTOUR)
    assert artist.hand.brush == INK


def test_a_layer_that_becomes_active_only_later_is_waited_for() -> None:
    artist = Artist()
    artist.press(Role.CONTOUR)
    contour, artist.hand.brush = artist.canvas.active, INK
    artist.press(Role.COLOURS)
    colours = artist.canvas.active
    artist.canvas.active = contour
    artist.brushes.follow(artist.canvas)
    assert artist.hand.brush == USUAL[Role.COLOURS]
    artist.click_layer(colours)
    artist.click_layer(contour)
    assert artist.hand.brush == INK


def test_in_a_larger_document_the_brush_is_larger() -> None:
    artist = Artist()
    artist.press(Role.CONTOUR)
    artist.hand.brush = INK
    artist.brushes.follow(artist.canvas)
    artist.canvas = FakeCanvas(500, 2000)
    artist.press(Role.CONTOUR)
    assert artist.hand.brush == ("ink", 6.0)


def test_without_a_document_nothing_is_kept() -> None:
    artist = Artist()
    artist.press(Role.CONTOUR)
    artist.hand.brush = INK
    artist.click_layer("0")
    artist.click_layer(assign(artist.canvas, Role.CONTOUR)[0])
    artist.brushes.follow(artist.canvas)
    artist.hand.brush = None
    artist.brushes.follow(None)
    artist.hand.brush = AIRBRUSH
    artist.press(Role.CONTOUR)
    assert artist.hand.brush == INK
