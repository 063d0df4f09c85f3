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


def test_the_shipped_example_is_what_the_recipe_makes(tmp_path: Path) -> None:
    example = EXAMPLES[1]
    make(example, tmp_path)
    for path in sorted((SHIPPED / example.name).glob("*.png")):
        fresh = np.asarray(Image.open(tmp_path / example.name / path.name), np.int16)
        assert np.abs(fresh - np.asarray(Image.open(path), np.int16)).max() <= 2, path.name
