# SPDX-License-Identifier: GPL-3.0-or-later
"""What Live reads and asks for, and that Refine asks for the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from krita_plugin.underdrawing.model import live_acts
from krita_plugin.underdrawing.model.live_capture import Glimpse
from shared.acts import PaintRequest
from shared.errors import Refusal
from shared.geometry import Bounds
from shared.messages import Surface

from ..canvas_contract import RED
from ..easel import Easel


@pytest.fixture
def easel(tmp_path: Path) -> Iterator[Easel]:
    easel = Easel(tmp_path)
    yield easel
    easel.session.close()


@pytest.mark.parametrize("region", ["lines", "selection"])
def test_without_a_mark_only_what_is_drawn_is_painted(easel: Easel, region: str) -> None:
    easel.session.change(easel.canvas, region=region)
    easel.canvas.selected = None
    easel.canvas.ink("0", Bounds(3, 3, 5, 5), RED)
    job = easel.switch_on()
    assert easel.plans[job].region == "strokes", "a picture is there: nothing else of it may change"
    (mask,) = [source for source in easel.plans[job].sources if source.name == "mask"]
    assert mask.filled and mask.bounds.contains(Bounds(60, 74, 30, 2).grown(48).intersect(mask.bounds))
    assert mask.bounds != Bounds.of(easel.canvas.extent)
    easel.answer(job)
    easel.stroke(Bounds(58, 74, 4, 4))
    easel.turn()
    (again,) = [source for source in easel.plans[easel.asked()].sources if source.name == "mask"]
    assert again == mask, "a stroke a little further out moves nothing"
    assert easel.feeds(easel.asked()) == {"contour"}


def test_strokes_on_an_empty_picture_are_painted_whole_where_not_only_they_count(easel: Easel) -> None:
    easel.canvas.selected = None
    job = easel.switch_on()
    assert easel.plans[job].region == "strokes"
    easel.answer(job)
    easel.session.change(easel.canvas, region="selection")
    easel.session.live.touch(("mask",))
    easel.turn()
    whole = easel.plans[easel.asked()]
    (mask,) = [source for source in whole.sources if source.name == "mask"]
    assert (mask.filled, mask.bounds, whole.region) == (True, Bounds.of(easel.canvas.extent), "lines")


def test_a_selection_is_answered_as_chosen(easel: Easel) -> None:
    job = easel.switch_on()
    assert easel.plans[job].region == "lines"
    easel.answer(job)
    easel.session.change(easel.canvas, region="selection")
    easel.session.live.touch(("mask",))
    easel.turn()
    assert easel.plans[easel.asked()].region == "selection"


def test_strokes_outside_the_mark_are_said(easel: Easel) -> None:
    easel.canvas.find(easel.contour).pixels.clear()
    easel.draw(Bounds(60, 74, 5, 2))
    easel.answer(easel.switch_on())
    assert "inside the marked region" in easel.session.live.standing.words


def test_refine_paints_the_same_region_with_the_same_seed(easel: Easel) -> None:
    easel.canvas.selected = None
    easel.session.change(easel.canvas, seed=77, random_seed=True, prompt="a pear")
    live = easel.plans[easel.switch_on()]
    easel.answer(easel.asked())
    assert live_acts.refine(easel.session, easel.canvas)
    easel.turn()
    (call,) = [c for c in easel.link.named("submit") if c[1] in easel.plans and c[3] == 77]
    plan = easel.plans[call[1]]
    assert (plan.act, plan.area, plan.kept) == ("paint", live.area, ())
    assert plan.region == live.region == "strokes"
    assert {source.name: source.bounds for source in plan.sources} == {
        source.name: source.bounds for source in live.sources
    }
    painted = easel.painted(call[1])
    easel.session.handle(painted)
    assert easel.on_pane() == set(), "the painting is seen, not the preview"
    easel.session.live.look()
    easel.turn()
    assert easel.on_pane() == set(), "until the next stroke"


def test_a_glimpse_asks_for_little_and_not_twice(easel: Easel) -> None:
    easel.session.change(easel.canvas, prompt="a pear", steps=9, seed=4)
    easel.switch_on()
    order: Glimpse = easel.link.named("submit")[-1][2]
    plan = easel.plans[easel.asked()]
    surface = Surface(plan.area.extent, "grey_u8", (b"",) * 4)
    request = order.request(plan, {"mask": surface})
    assert isinstance(request, PaintRequest)
    assert (request.engine, request.live, request.quick) == ("instant", True, True)
    assert (request.prompt, request.steps, request.seed) == ("", 0, 4), "words do not count here"
    assert request.region == plan.region == "lines"
    with pytest.raises(Refusal) as refused:
        order.request(plan, {"mask": surface})
    assert refused.value.code == "unchanged"
    student = Glimpse(easel.session.settings.changed(live_engine="quick"), order.memory)
    asked = student.request(plan, {"mask": surface})
    assert (asked.engine, asked.live, asked.quick, asked.prompt) == ("full", True, True, "a pear")
