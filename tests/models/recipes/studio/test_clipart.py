# SPDX-License-Identifier: GPL-3.0-or-later
"""Clip art: files as editors write them become plain, junk stays out, and nothing is asked for by itself."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from models.recipes.studio import CATEGORIES, clipart
from models.recipes.studio.clipart_svg import read_drawing
from models.recipes.studio.svg import UnreadableError, read_shapes

HEAD = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:cc="http://web.resource.org/cc/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:inkscape="http://www.inkscape.org/ns">
<metadata><rdf:RDF><cc:Work><dc:title>{title}</dc:title>
<rdf:li>animal</rdf:li><rdf:li>{word}</rdf:li>
<cc:license rdf:resource="http://web.resource.org/cc/{licence}"/></cc:Work></rdf:RDF></metadata>"""
BEE = """<defs><linearGradient id="a"><stop style="stop-color:#ff0000;stop-opacity:1"/></linearGradient>
<radialGradient id="b" xlink:href="#a"/></defs>
<g style="opacity:1" inkscape:label="x"><circle cx="50" cy="50" r="40" style="fill:url(#b);stroke:none"/>
<polygon points="30,40 70,40 50,70" fill="rgb(100%, 90%, 0%)"/>
<rect x="40" y="20" width="20px" height="10px" style="fill:navy"/>
<path style="fill:#30a030" d="M20 60L80 60L80 75L20 75L25 66Z"/>
<path style="display:none;fill:#000000" d="M0 0L9 9L0 9Z"/></g>"""


def svg(inside: str = BEE, title: str = "Bee", word: str = "bee", licence: str = "PublicDomain") -> str:
    return HEAD.format(title=title, word=word, licence=licence) + inside + "</svg>"


def clear() -> None:
    for cached in (clipart._drawings, clipart._shapes, clipart.names):
        cached.cache_clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small library: two good drawings, and one of every kind of junk."""
    files = {
        "animals/bee_01": svg(),
        "animals/bee_02": svg(title="Ape del miele"),
        "animals/map_of_bees": svg(),
        "animals/kept_rights": svg(licence="Attribution"),
        "animals/grey": svg(BEE.replace("#ff0000", "#111111").replace("#30a030", "#555555")),
        "animals/words": svg(BEE + "<text>bzz</text>"),
        "animals/broken": "<svg",
        "animals/backdrop": svg('<rect x="0" y="0" width="100" height="100" fill="#3366ff"/>' + BEE),
        "animals/one_shape": svg('<circle cx="5" cy="5" r="4" fill="#ff0000"/>'),
        "shapes/bee": svg(),
    }
    for name, text in files.items():
        path = tmp_path / f"{name}.svg"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.fixture
def library(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("UNDERDRAWING_HOME", str(folder))
    kept = clipart.keep_readable(folder)
    both = {f"{name}{i}": {**one, "caption": f"bee{i}"} for name, one in kept.items() for i in range(40)}
    clipart.cache_folder().mkdir(parents=True)
    (clipart.cache_folder() / "clipart.json").write_text(json.dumps(both))
    clear()
    yield
    clear()


def test_a_drawing_is_made_plain() -> None:
    drawing = read_drawing(svg())
    assert (drawing.title, drawing.keywords, drawing.public_domain) == ("Bee", ("animal", "bee"), True)
    shapes = read_shapes(drawing.body)
    colours = [tuple(round(c * 255) for c in shape.colour.rgb) for shape in shapes]
    assert colours == [(255, 0, 0), (255, 229, 0), (0, 0, 128), (48, 160, 48)]
    assert shapes[2].path.getBounds().width() == pytest.approx(20)


@pytest.mark.parametrize("inside", ["<text>a</text>", "<image/>", "<use/>", '<g clip-path="url(#a)"/>'])
def test_what_cannot_be_drawn_is_refused(inside: str) -> None:
    with pytest.raises(UnreadableError):
        read_drawing(svg(inside))


def test_junk_stays_out(folder: Path) -> None:
    assert sorted(clipart.keep_readable(folder)) == ["animals/bee_01", "animals/bee_02"]


def test_titles_in_other_languages_give_way_to_keywords(folder: Path) -> None:
    kept = clipart.keep_readable(folder)
    assert {name: one["caption"] for name, one in kept.items()} == {
        "animals/bee_01": "bee",
        "animals/bee_02": "bee",
    }
    said = Counter({"green": 3, "mug": 2, "tea": 9, "animal": 50})
    assert clipart.caption_of(read_drawing(svg(title="Green mug of tea (1)")), said) == "green mug of tea"
    assert clipart.caption_of(read_drawing(svg(title="Kubek", word="mug")), said) == "mug"
    assert clipart.caption_of(read_drawing(svg(title="Kubek", word="zubek")), said) == ""


def test_a_drawing_is_a_sample(library: None) -> None:
    sample = clipart.render_clipart(2, 128)
    again = clipart.render_clipart(2, 128)
    assert np.array_equal(sample.image, again.image)
    assert sample.category == "clipart"
    assert "bee" in sample.caption
    assert "{" not in sample.caption
    assert sample.contour.max() > 120
    assert 0.03 < (sample.mask > 0).mean() < 0.95


def test_splits_share_no_caption(library: None) -> None:
    sides = [
        {name[len("animals/bee_01") :] for name in clipart.names(split)} for split in ("train", "held_out")
    ]
    assert not sides[0] & sides[1]
    assert 0 < len(sides[1]) < len(sides[0])


def test_nobody_gets_clip_art_unasked(library: None) -> None:
    assert "clipart" not in CATEGORIES


def test_without_clip_art_the_studio_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERDRAWING_HOME", str(tmp_path))
    clear()
    with pytest.raises(LookupError, match="--fetch-clipart"):
        clipart.render_clipart(0, 64)
    with pytest.raises(ValueError, match="size"):
        clipart.render_clipart(0, 16)
    clear()


def test_what_was_fetched_is_not_fetched_again(library: None) -> None:
    assert clipart.fetch_clipart() == clipart.cache_folder() / "clipart.json"
