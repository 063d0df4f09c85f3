# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples: complete, drawn inside their region, and those the repository ships."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.recipes.examples import EXAMPLES, SIZE_PX, Example, make

SHIPPED = Path(__file__).parents[3] / "models" / "examples"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.name)
def test_shipped_examples_are_complete(example: Example) -> None:
    folder = SHIPPED / example.name
    modes = {"image": "RGB", "mask": "L", "contour": "RGBA", "detail": "RGBA", "colours": "RGBA"}
    for name, mode in modes.items():
        with Image.open(folder / f"{name}.png") as layer:
            assert (layer.mode, layer.size) == (mode, (SIZE_PX, SIZE_PX))
    assert example.category in (folder / "prompt.txt").read_text()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.name)
def test_everything_drawn_lies_in_the_region(example: Example) -> None:
    folder = SHIPPED / example.name
    region = np.asarray(Image.open(folder / "mask.png")) > 0
    for name in ("contour", "detail", "colours"):
        drawn = np.asarray(Image.open(folder / f"{name}.png"))[..., 3]
        assert (drawn > 128).any()
        assert not (drawn[~region] > 128).any()


def test_the_recipe_makes_examples_of_the_shipped_form_and_the_same_again(tmp_path: Path) -> None:
    example = EXAMPLES[1]
    for folder in (tmp_path / "first", tmp_path / "again"):
        make(example, folder)
    made, shipped = tmp_path / "first" / example.name, SHIPPED / example.name
    assert {path.name for path in made.iterdir()} == {path.name for path in shipped.iterdir()}
    for path in sorted(made.glob("*.png")):
        with Image.open(path) as fresh, Image.open(shipped / path.name) as kept:
            assert (fresh.mode, fresh.size) == (kept.mode, kept.size)
        assert path.read_bytes() == (tmp_path / "again" / example.name / path.name).read_bytes()
    region = np.asarray(Image.open(made / "mask.png")) > 0
    assert 0.05 < region.mean() < 0.9
    assert (np.asarray(Image.open(made / "contour.png"))[..., 3] > 128).sum() > 500
