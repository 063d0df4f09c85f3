# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.numpy import load_file

from backend.cli.main import REFUSED, run
from backend.library import line_styles
from backend.library.line_style_file import read_notes
from backend.weights.files.small_networks import write_network
from backend.weights.runtime.line_extractor import load_extractor
from models.networks.line_extractor import LineExtractor
from models.recipes import line_styles_shipped as shipped
from models.recipes.studio.line_styles import STYLES


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small general extractor, and where styles ship."""
    torch.manual_seed(0)
    write_network(LineExtractor((16, 16, 16), (1, 1, 1)), tmp_path / "extractor")
    monkeypatch.setattr(shipped, "EXTRACTOR", tmp_path / "extractor")
    monkeypatch.setattr(shipped, "load_extractor", lambda: load_extractor(folder=tmp_path / "extractor"))
    monkeypatch.setattr(line_styles, "EXTRACTOR", tmp_path / "extractor")
    monkeypatch.setattr(line_styles, "SHIPPED", tmp_path / "styles")
    return tmp_path


def test_every_tool_is_the_studios() -> None:
    assert set(shipped.TITLES) <= set(STYLES)


def test_a_pair_is_a_picture_and_its_ink_by_that_tool() -> None:
    picture, ink = shipped.drawn_pair("fineliner", 3, 128)
    assert picture.shape == (3, 128, 128) and ink.shape == (2, 128, 128) and ink.amax() > 200
    assert torch.equal(picture, shipped.drawn_pair("chalk", 3, 128)[0])


def test_a_style_is_trained_and_ships_as_what_differs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "SIDE_PX", 128)
    told: list[str] = []
    path = shipped.train_line_style(
        "brush pen", 0.01, count=2, threads=1, report=told.append, to=folder / "styles"
    )
    assert path.name == "brush-pen.safetensors" and told
    (info,) = line_styles.list_styles()
    assert (info.id, info.title, info.shipped) == ("brush-pen", "Brush pen", True)
    assert all(name.startswith(shipped.TRAINED) for name in load_file(path))
    assert read_notes(path)[0].base
    general, learnt = (line_styles.load_style(id).state_dict() for id in ("", "brush-pen"))
    changed = {name for name, weight in general.items() if not torch.equal(weight, learnt[name])}
    assert changed and changed <= set(load_file(path))


@pytest.mark.weights
def test_what_ships_completes_the_extractor_that_ships() -> None:
    for info in line_styles.list_styles():
        if info.shipped:
            assert torch.isfinite(line_styles.load_style(info.id)(torch.zeros(1, 3, 32, 32))).all()
            assert info.size_bytes < 2 << 20
    assert not line_styles.read_library()[1]


def test_a_tool_that_the_studio_has_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "line-style", "crayon"]) == REFUSED
    assert "fineliner" in capsys.readouterr().err
