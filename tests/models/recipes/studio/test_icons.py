# SPDX-License-Identifier: GPL-3.0-or-later
"""Icons from a small library of our own in the fetched form."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from models.recipes.studio import icons, render

BODY = '<path fill="#c33" d="M4 4h24v24H4z"/><circle cx="16" cy="16" r="6" fill="#fd8"/>'


def clear() -> None:
    for cached in (icons._drawings, icons._shapes, icons.names):
        cached.cache_clear()


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("UNDERDRAWING_HOME", str(tmp_path))
    drawings = {
        f"{pack}/thing-{i}": {"body": BODY, "side": 32} for i in range(60) for pack in ("noto", "flat")
    }
    icons.cache_folder().mkdir(parents=True)
    (icons.cache_folder() / "icons.json").write_text(json.dumps(drawings))
    clear()
    yield tmp_path
    clear()


def test_splits_share_no_name(library: Path) -> None:
    train, held = ({n.split("/")[1] for n in icons.names(split)} for split in ("train", "held_out"))
    assert not train & held
    assert len(train | held) == 60
    assert 0 < len(held) < len(train)


def test_an_icon_is_a_sample(library: Path) -> None:
    sample = render(2, 128, category="icon")
    assert sample.category == "icon"
    assert "thing" in sample.caption
    assert "{" not in sample.caption
    assert sample.detail.max() > 180
    assert (sample.mask > 0).mean() > 0.05


def test_icons_join_the_mix(library: Path) -> None:
    categories = [render(seed, 64).category for seed in range(60)]
    assert 10 < categories.count("icon") < 50


def test_the_bend_is_gentle(library: Path) -> None:
    plain = icons.read_shapes(BODY)[0].path.getBounds()
    bent = icons.icon(np.random.default_rng(0), "train").marks[0].path.getBounds()
    assert bent.width() == pytest.approx(plain.width() / 16, rel=0.25)


def test_without_icons_the_studio_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERDRAWING_HOME", str(tmp_path))
    clear()
    with pytest.raises(LookupError, match="--fetch"):
        render(0, 64, category="icon")
    assert {render(seed, 64).category for seed in range(12)} <= set(icons_free_categories())
    clear()


def icons_free_categories() -> list[str]:
    from models.recipes.studio.subjects import SUBJECTS

    return list(SUBJECTS)
