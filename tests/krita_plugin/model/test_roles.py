# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from krita_plugin.underdrawing.model.canvas import LayerInfo
from krita_plugin.underdrawing.model.roles import (
    GROUP,
    STYLES,
    Role,
    assign,
    find_roles,
    lines_shown,
    show_lines,
)

from ..fake_canvas import FakeCanvas

LABELS = {role: style.colour_label for role, style in STYLES.items()}


@pytest.mark.parametrize("role", Role)
def test_a_role_is_created_once_and_found_again(role: Role) -> None:
    canvas = FakeCanvas(20, 20)
    layer, created = assign(canvas, role)
    assert created
    assert find_roles(canvas.layers())[role].id == layer == canvas.active
    canvas.activate("0")
    assert assign(canvas, role) == (layer, False)
    assert canvas.active == layer
    assert [info.name for info in canvas.layers()] == ["Background", GROUP, STYLES[role].title]


def test_hidden_strokes_are_shown_again_when_a_role_is_taken() -> None:
    canvas = FakeCanvas(20, 20)
    assert lines_shown(canvas.layers()) is None
    show_lines(canvas, False)
    assign(canvas, Role.CONTOUR)
    show_lines(canvas, False)
    assert lines_shown(canvas.layers()) is False
    for role in (Role.CONTOUR, Role.DETAIL):
        show_lines(canvas, False)
        assign(canvas, role)
        assert lines_shown(canvas.layers()) is True


def test_every_role_has_a_label_and_a_title_of_its_own() -> None:
    assert len(set(LABELS.values())) == len({s.title for s in STYLES.values()}) == len(Role)


def test_of_several_layers_the_topmost_that_is_seen_has_the_role() -> None:
    group = LayerInfo("g", GROUP, "group")
    below, above = (LayerInfo(id, "Contour", parent="g") for id in "12")
    hidden = LayerInfo("3", "Contour – picture", parent="g", visible=False)
    assert find_roles((group, below, above, hidden)) == {Role.CONTOUR: above}
    assert find_roles((group, hidden)) == {Role.CONTOUR: hidden}


def test_outside_the_group_name_and_label_must_both_fit() -> None:
    group = LayerInfo("g", GROUP, "group")
    mine = LayerInfo("1", "Details of the hair", colour_label=0)
    assert find_roles((mine, group)) == {}
    labelled = LayerInfo("2", "contour 2", colour_label=LABELS[Role.CONTOUR])
    assert find_roles((labelled, group)) == {Role.CONTOUR: labelled}
    inside = LayerInfo("3", "COLORS copy", parent="g")
    assert find_roles((group, inside)) == {Role.COLOURS: inside}


def test_other_kinds_and_other_names_have_no_role() -> None:
    group = LayerInfo("g", GROUP, "group")
    assert (
        find_roles((group, LayerInfo("1", "Mask", "other", "g"), LayerInfo("2", "masks", parent="g"))) == {}
    )
