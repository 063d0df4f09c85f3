# SPDX-License-Identifier: GPL-3.0-or-later
"""Line styles: near the exact line, alike from picture to picture, unlike each other."""

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt, gaussian_filter

from models.recipes.studio import Sample, render
from models.recipes.studio.hands import EXACT
from models.recipes.studio.line_styles import STYLES, draw_in_style
from models.recipes.studio.lines import Lines

NEAR = sorted(set(STYLES) - {"hatching", "double line", "technical"})


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return [render(2, 256, category=name, hand=EXACT) for name in ("teapot", "cat", "house")]


def off_line_px(lines: tuple[np.ndarray, ...], size: int) -> np.ndarray:
    """Distance of every pixel from the exact lines."""
    free = np.ones((size, size), bool)
    for line in lines:
        columns, rows = line.T.astype(int).clip(0, size - 1)
        free[rows, columns] = False
    return distance_transform_edt(free)


def traits(ink: np.ndarray, off: np.ndarray) -> np.ndarray:
    """How a tool draws: ink along the line, in bands beside it, how grey and how rough it is."""
    shares = [ink[(off >= a) & (off < b)].mean() / 255 for a, b in ((0, 1.5), (1.5, 3), (3, 5), (5, 9))]
    drawn = ink[ink > 20] / 255
    rough = np.abs(ink - gaussian_filter(ink.astype(float), 1.0))[off < 3].mean() / 255
    return np.array([*shares, drawn.mean(), drawn.std(), 2 * rough])


@pytest.mark.parametrize("style", STYLES)
def test_a_seed_is_one_drawing(style: str, samples: list[Sample]) -> None:
    first, again, other = (draw_in_style(samples[0], style, seed) for seed in (4, 4, 5))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    for ink in first:
        assert (ink.shape, ink.dtype) == ((256, 256), np.uint8)
        assert ink.max() > 100
    if style != "technical":
        assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize("style", NEAR)
def test_ink_stays_on_the_line(style: str, samples: list[Sample]) -> None:
    for sample in samples:
        ink = draw_in_style(sample, style, 1)[0]
        off = off_line_px(sample.lines.contour, 256)
        most = STYLES[style].width * (1 + STYLES[style].swell) / 2 + 1.5
        assert np.percentile(off[ink > 100], 99) < most


@pytest.mark.parametrize("style", ["hatching", "double line", "technical"])
def test_exceptions_stay_near(style: str, samples: list[Sample]) -> None:
    ink = draw_in_style(samples[0], style, 1)[0]
    off = off_line_px(samples[0].lines.contour, 256)
    assert off[ink > 100].max() < 14


@pytest.mark.parametrize("style", sorted(set(STYLES) - {"broken line"}))
def test_the_whole_line_is_drawn(style: str, samples: list[Sample]) -> None:
    ink = draw_in_style(samples[0], style, 1)[0]
    near = distance_transform_edt(ink < 60)
    points = np.concatenate(samples[0].lines.contour).astype(int).clip(0, 255)
    assert (near[points[:, 1], points[:, 0]] < 3).mean() > 0.93


def test_a_broken_line_is_broken(samples: list[Sample]) -> None:
    whole, broken = (draw_in_style(samples[0], name, 1)[0] > 100 for name in ("fineliner", "broken line"))
    points = np.concatenate(samples[0].lines.contour).astype(int).clip(0, 255)
    near = distance_transform_edt(~broken)[points[:, 1], points[:, 0]]
    assert 0.08 < (near > 1.5).mean() < 0.5
    assert whole.sum() > 0


@pytest.mark.parametrize("style", STYLES)
def test_detail_is_lighter(style: str) -> None:
    angle = np.linspace(0, 2 * np.pi, 400)
    ring = np.stack([128 + 70 * np.cos(angle), 128 + 70 * np.sin(angle)], axis=1)
    ring[-1] = ring[0]
    contour, detail = draw_in_style(Lines((ring,), (ring,), 256), style, 0)
    assert detail.astype(float).sum() < 0.9 * contour.astype(float).sum()


def test_a_style_is_known_again_by_its_ink(samples: list[Sample]) -> None:
    """Nearest neighbour over simple measures names the tool on pictures it was not learnt from."""
    known, asked = (
        {name: traits(draw_in_style(s, name, seed)[0], off_line_px(s.lines.contour, 256)) for name in STYLES}
        for s, seed in ((samples[0], 1), (samples[1], 2))
    )
    found = [min(known, key=lambda n: float(np.linalg.norm(known[n] - seen))) for seen in asked.values()]
    assert sum(a == b for a, b in zip(found, asked, strict=True)) >= len(STYLES) - 1


def test_a_tool_grows_with_the_picture(samples: list[Sample]) -> None:
    small = render(2, 256, category="cup", hand=EXACT)
    large = render(2, 512, category="cup", hand=EXACT)
    areas = [draw_in_style(s, "fineliner", 1)[0].astype(float).sum() for s in (small, large)]
    assert areas[1] / areas[0] == pytest.approx(4, rel=0.12)


def test_bad_requests_are_refused(samples: list[Sample]) -> None:
    with pytest.raises(KeyError):
        draw_in_style(samples[0], "finger", 0)
    with pytest.raises(ValueError, match="seed"):
        draw_in_style(samples[0], "chalk", -1)
