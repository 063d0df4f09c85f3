# SPDX-License-Identifier: GPL-3.0-or-later
"""The SVG reader against resvg: both must cover the same pixels."""

import io

import numpy as np
import pytest
import resvg_py
from PIL import Image

from models.recipes.studio.raster import skia, surface_on
from models.recipes.studio.svg import UnreadableError, read_shapes

BODIES = {
    "lines": '<path fill="#c00" d="M4 4h10v6l-3 9H4z"/>',
    "curves": '<path fill="#0a0" d="M4 16C4 4 28 4 28 16s-6 10-12 10s-12-4-12-10z"/>',
    "quads": '<path fill="#00a" d="M3 20q6-16 12 0t12 0v8H3z"/>',
    "packed arc flags": '<path fill="#333" d="M16 4a12 12 0 012 23.8a5 5 0 1 1-6-8z"/>',
    "even odd": '<path fill="#333" fill-rule="evenodd" d="M4 4h24v24H4zM10 10h12v12H10z"/>',
    "group and transform": (
        '<g fill="#f80" transform="translate(6 2) rotate(20 8 8)"><rect width="14" height="9" rx="2"/></g>'
    ),
    "matrix": '<circle r="5" cx="4" cy="4" fill="#222" transform="matrix(2 .4 -.3 1.5 9 6)"/>',
    "stroke": (
        '<path fill="none" stroke="#222" stroke-width="3" d="M5 26L16 6L27 26" stroke-linejoin="round"/>'
    ),
    "ellipses": '<ellipse cx="16" cy="15" rx="11" ry="6" fill="#123456"/>',
}


def ours(body: str, side: int) -> np.ndarray:
    pixels = np.zeros((side, side, 4), np.uint8)
    canvas = surface_on(pixels).getCanvas()
    canvas.scale(side / 32, side / 32)
    for shape in read_shapes(body):
        paint = skia.Paint(Color4f=skia.Color4f(*shape.colour.rgb, shape.alpha), AntiAlias=True)
        canvas.drawPath(shape.path, paint)
    return pixels


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_covers_what_resvg_covers(body: str) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">{body}</svg>'
    png = resvg_py.svg_to_bytes(svg_string=svg, width=128, height=128, skip_system_fonts=True)
    truth = np.asarray(Image.open(io.BytesIO(bytes(png))).convert("RGBA"), np.float64)
    mine = ours(body, 128).astype(np.float64)
    assert truth[..., 3].max() == 255
    assert np.abs(mine[..., 3] - truth[..., 3]).mean() < 1.0
    solid = (truth[..., 3] == 255) & (mine[..., 3] == 255)
    assert np.abs(mine[solid] - truth[solid]).max() <= 1


def test_a_gradient_becomes_its_mean() -> None:
    body = (
        '<defs><linearGradient id="a"><stop offset="0" stop-color="#000"/>'
        '<stop offset="1" stop-color="#fff"/></linearGradient></defs><path fill="url(#a)" d="M0 0h9v9z"/>'
    )
    (shape,) = read_shapes(body)
    assert shape.colour.rgb == pytest.approx((0.5, 0.5, 0.5), abs=0.01)


@pytest.mark.parametrize(
    "body",
    [
        '<use href="#a"/>',
        '<g clip-path="url(#a)"/>',
        '<path fill="url(#gone)" d="M0 0h9v9z"/>',
        "<text>a</text>",
    ],
)
def test_what_it_cannot_read_it_refuses(body: str) -> None:
    with pytest.raises(UnreadableError):
        read_shapes(body)
