# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from backend.acts.work import RawPixels
from benchmarks import wire
from benchmarks.goals import GOALS
from benchmarks.programs.wire_backend import perform
from shared.acts import PaintRequest
from shared.geometry import Bounds, Extent
from shared.messages import Surface
from tests.backend.made import make


def test_it_gives_every_figure_that_it_owes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "EDGE_PX", 300)
    monkeypatch.setattr(wire, "QUICK_SAMPLES", 2)
    notes: list[str] = []
    figures = {figure.name: figure for figure in wire.run(quick=True, seed=3, progress=notes.append)}
    assert set(GOALS["wire"]) <= set(figures) and notes
    assert all(0 < f.low <= f.value <= f.high for f in figures.values())
    assert all(f.samples == 2 for f in figures.values())
    assert 256 * 256 * 4 < figures["stroke_256_bytes"].value < 256 * 256 * 4 + 4000


def test_the_backends_act_gives_back_the_part_that_is_asked_for() -> None:
    extent = Extent(4, 3)
    mask = Surface(extent, "grey_u8", (b"",))
    image = bytearray(range(4 * 3 * 4))
    for words, expected in (("0 1 4 2", image[16:]), ("1 1 2 2", image[20:28] + image[36:44])):
        request = PaintRequest(extent, Bounds(10, 20, 4, 3), mask, prompt=words)
        done = make(request, {"image": RawPixels(extent, "bgra_u8", image)}, perform=perform)
        assert done.data["layer"] == bytes(expected)
    assert done.bounds == Bounds(11, 21, 2, 2)
