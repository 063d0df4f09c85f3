# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend.acts.denoising.loras import Tag, networks_of, read_tags
from backend.acts.paint.paint import paint
from backend.weights.downloads import model_folders as library
from backend.weights.runtime.base_model import BaseModel
from shared.errors import BadRequest
from shared.geometry import Bounds, Extent
from tests.backend.tiny import Recorder, paint_input, write_student

EXTENT, SELECTION = Extent(96, 80), Bounds(20, 20, 40, 40)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: BaseModel) -> Path:
    """A home whose models folder holds one LoRA for the model, "ink lines"."""
    monkeypatch.setenv("UNDERDRAWING_HOME", str(tmp_path))
    write_student(model.unet, library.models_folder() / "ink lines.safetensors")
    return library.models_folder()


def pixels(model: BaseModel, prompt: str) -> np.ndarray:
    return paint(model, paint_input(EXTENT, SELECTION, prompt=prompt), Recorder()).pixels


@pytest.mark.parametrize(
    ("prompt", "words", "tags"),
    [
        ("a cup", "a cup", []),
        ("a cup, <lora:ink:0.8>", "a cup", [Tag("ink", 0.8)]),
        (
            "<lora:ink lines>a cup <lora:b:-1> on a table",
            "a cup on a table",
            [Tag("ink lines", 1), Tag("b", -1)],
        ),
        ("a <b> c: d", "a <b> c: d", []),
        ("a  cup ,", "a  cup ,", []),
        ("<lora:x:1>", "", [Tag("x", 1)]),
    ],
)
def test_tags_are_read_and_the_rest_is_left(prompt: str, words: str, tags: list[Tag]) -> None:
    assert read_tags(prompt) == (words, tags)


def test_a_strength_beyond_reason_is_refused() -> None:
    with pytest.raises(BadRequest, match="too much"):
        read_tags("a cup <lora:ink:40>")


def test_a_named_lora_paints_and_leaves(model: BaseModel, shelf: Path) -> None:
    plain = pixels(model, "a cup")
    assert not np.array_equal(pixels(model, "a cup <lora:ink lines:0.7>"), plain)
    np.testing.assert_array_equal(pixels(model, "a cup <lora:ink lines:0>"), plain)
    np.testing.assert_array_equal(pixels(model, "a cup"), plain)


def test_a_name_nobody_knows_is_told_with_those_that_are_near(model: BaseModel, shelf: Path) -> None:
    with pytest.raises(BadRequest, match="no LoRA called ink-lines") as refused:
        pixels(model, "a cup <lora:ink-lines>")
    assert refused.value.remedy == "Did you mean ink lines?"


def test_every_network_that_a_lora_can_change(models: dict[str, BaseModel]) -> None:
    assert set(networks_of(models["sd15"])) == {"unet", "text_encoder"}
