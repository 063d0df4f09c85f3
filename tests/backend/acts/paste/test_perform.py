# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from backend.acts.paste import perform as paste_acts
from backend.acts.paste.perform import thick
from backend.acts.work import RawPixels
from backend.weights.runtime import loaded
from models.networks.line_extractor import LineExtractor
from shared.acts import PasteRequest
from shared.errors import BadRequest
from shared.geometry import Bounds, Extent
from shared.pixels import cut
from tests.backend.made import Made, make

EXTENT = Extent(120, 90)
REGION = Bounds(30, 20, 60, 50)
Asked = tuple[PasteRequest, dict[str, RawPixels]]


class DarkIsInk(LineExtractor):
    """Draws what is dark: enough to know where a line should come out."""

    looked = 0

    def forward(self, pictures):  # (batch, 3, h, w) in [-1, 1] to two planes
        type(self).looked += 1
        ink = (pictures.mean(1, keepdim=True) < 0).float() * 20 - 10
        return ink.repeat(1, 2, 1, 1)


@pytest.fixture(autouse=True)
def extractor(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[DarkIsInk]]:
    DarkIsInk.looked = 0
    loaded.networks().clear()
    loaded.networks().get(loaded.Key("line style"), DarkIsInk)
    paste_acts._copies.clear()
    yield DarkIsInk
    paste_acts._copies.clear()


def work_of(
    picture: np.ndarray, region: Bounds = REGION, **placing: object
) -> tuple[PasteRequest, dict[str, RawPixels]]:
    mask = np.zeros((EXTENT.height, EXTENT.width), np.uint8)
    mask[region.y : region.bottom, region.x : region.right] = 255
    source = cut(picture.tobytes(), EXTENT, "bgra_u8", emit=lambda _: None).surface
    marked = cut(mask.tobytes(), EXTENT, "grey_u8", emit=lambda _: None).surface
    request = PasteRequest(Extent(400, 300), Bounds(7, 9, *EXTENT), source, marked, 200.0, 150.0)
    pixels = {
        "source": RawPixels(EXTENT, "bgra_u8", bytearray(picture.tobytes())),
        "region": RawPixels(EXTENT, "grey_u8", bytearray(mask.tobytes())),
    }
    return replace(request, **placing), pixels


def a_stroke() -> np.ndarray:
    """White, with one upright blue bar: x 48 to 53, y 30 to 60."""
    picture = np.full((EXTENT.height, EXTENT.width, 4), 255, np.uint8)
    picture[30:60, 48:53, :3] = (200, 20, 20)
    return picture


def run(work: Asked) -> Made:
    return make(*work)


def plane(pasted: Made) -> np.ndarray:
    return np.frombuffer(pasted.data["contour"], np.uint8).reshape(pasted.bounds.height, pasted.bounds.width)


def canvas(pasted: Made) -> np.ndarray:
    """Ink on the canvas that was pasted into."""
    whole, box = np.zeros((300, 400), np.uint8), pasted.bounds
    whole[box.y : box.bottom, box.x : box.right] = plane(pasted)
    return whole


def middle(ink: np.ndarray) -> np.ndarray:
    """x, y."""
    return np.argwhere(ink > 64).mean(0)[::-1]


def test_the_colours_take_on_the_light_that_is_asked_for() -> None:
    layers = []
    for light in (1.0, 0.5):
        pasted = run(work_of(a_stroke(), colours=True, light=light))
        layers.append(np.frombuffer(pasted.data["colours"], np.uint8).reshape(-1, 4).astype(int))
    drawn_on = layers[0][:, 3] > 0
    assert drawn_on.any() and np.array_equal(layers[0][:, 3], layers[1][:, 3])
    assert np.abs(layers[1][drawn_on, :3] - layers[0][drawn_on, :3] / 2).max() <= 1


def test_a_line_comes_out_where_it_is_placed():
    pasted = run(work_of(a_stroke()))
    assert pasted.bounds == Bounds(170, 125, 60, 50)
    assert pasted.data["mask"] == bytes([255]) * 3000
    assert "colours" not in pasted.data
    wanted = np.array([200, 150]) + np.array([50.5, 45]) - np.array([60, 45])
    assert np.abs(middle(canvas(pasted)) - wanted).max() < 1.5


@pytest.mark.parametrize(
    ("placing", "away"),
    [
        ({"flip": True}, (9.5, 0)),
        ({"scale": 2.0}, (-19, 0)),
        ({"turn_deg": 90.0}, (0, -9.5)),
        ({"x": 80.5, "y": 60.0}, (-129, -90)),
    ],
)
def test_it_is_flipped_scaled_turned_and_moved(placing: dict[str, object], away: tuple[float, float]):
    found = middle(canvas(run(work_of(a_stroke(), **placing))))
    assert np.abs(found - (200 + away[0], 150 + away[1])).max() < 1.5


def test_its_lines_are_looked_for_once(extractor: type[DarkIsInk]):
    first = run(work_of(a_stroke()))
    looked = extractor.looked
    for turn in (10.0, 20.0):
        run(work_of(a_stroke(), turn_deg=turn))
    assert extractor.looked == looked > 0
    other = a_stroke()
    other[30:60, 60:65, :3] = 0
    assert run(work_of(other)).data["contour"] != first.data["contour"]
    assert extractor.looked > looked


def test_its_colours_come_along_by_choice():
    pasted = run(work_of(a_stroke(), colours=True))
    dabs = np.frombuffer(pasted.data["colours"], np.uint8).reshape(50, 60, 4)
    assert set(np.unique(dabs[..., 3])) == {0, 255}
    assert not dabs[dabs[..., 3] == 0].any(), "clear where nothing is drawn"
    assert not dabs[0, :, 3].any(), "the rim belongs to what was around it"
    assert dabs[25, 20, 0] > dabs[25, 20, 2] + 60, "the bar is blue"


def test_of_a_copy_half_outside_only_the_inside_is_told():
    pasted = run(work_of(a_stroke(), x=0.0))
    assert (pasted.bounds.x, pasted.bounds.width) == (0, 30)
    assert len(pasted.data["mask"]) == 30 * 50


def test_lines_grow_with_the_canvas():
    ink = np.zeros((21, 21), np.float32)
    ink[:, 10] = 1
    for width, columns in ((1.0, 1), (2.5, 3), (5.1, 5)):
        assert np.count_nonzero(thick(ink, width)[10]) == columns


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (work_of(a_stroke(), Bounds(0, 0, 0, 0)), "Nothing is selected"),
        (work_of(a_stroke(), Bounds(50, 35, 8, 5)), "only 8 x 5 pixels"),
        (work_of(np.full((90, 120, 4), 255, np.uint8)), "no lines"),
        (work_of(a_stroke(), x=900.0), "outside the canvas"),
    ],
)
def test_what_cannot_be_pasted_is_told(work: Asked, words: str):
    with pytest.raises(BadRequest, match=words) as refused:
        run(work)
    assert refused.value.remedy
