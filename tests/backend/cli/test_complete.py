# SPDX-License-Identifier: GPL-3.0-or-later
"""The instant engine from a terminal."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from backend.cli import main as cli
from backend.weights.files.small_networks import write_network
from backend.weights.runtime import completion
from models.networks.completion import CompletionNet


@pytest.fixture(autouse=True)
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    write_network(CompletionNet((8, 16), (1, 1)), tmp_path / "weights")
    load = completion.load_completion
    monkeypatch.setattr(completion, "load_completion", lambda: load(folder=tmp_path / "weights"))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    image = Image.new("RGB", (80, 64), (120, 160, 90))
    ImageDraw.Draw(image).ellipse((24, 16, 56, 48), fill=(200, 60, 40))
    image.save(tmp_path / "image.png")
    mask = Image.new("L", (80, 64))
    ImageDraw.Draw(mask).rectangle((10, 10, 40, 40), fill=255)
    mask.save(tmp_path / "mask.png")
    lines = Image.new("RGBA", (80, 64))
    ImageDraw.Draw(lines).line((0, 25, 79, 25), fill=(0, 0, 0, 255), width=2)
    lines.save(tmp_path / "contour.png")
    return tmp_path


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def complete(files: Path, *more: str) -> int:
    return cli.run(["complete", "--image", str(files / "image.png"), *more])


def test_only_the_mask_changes(files: Path) -> None:
    marked = "--mask", str(files / "mask.png"), "--contour", str(files / "contour.png")
    assert complete(files, *marked, "--out", str(files / "out.png")) == 0
    before, after = pixels(files / "image.png"), pixels(files / "out.png")
    outside = np.ones((64, 80), bool)
    outside[10:41, 10:41] = False
    assert (before[outside] == after[outside]).all()
    assert (before != after).any()


def test_without_a_mask_what_the_lines_enclose_is_painted(files: Path) -> None:
    lines = np.zeros((64, 80, 4), np.uint8)
    lines[20:40, 20:40, 3] = 255
    lines[22:38, 22:38, 3] = 0
    Image.fromarray(lines).save(files / "square.png")
    assert complete(files, "--contour", str(files / "square.png"), "--out", str(files / "out.png")) == 0
    changed = (pixels(files / "image.png") != pixels(files / "out.png")).any(-1)
    assert changed[25:35, 25:35].any()
    outside = np.ones((64, 80), bool)
    outside[20:40, 20:40] = False
    assert not changed[outside].any()


def test_without_a_place_or_anything_to_go_by_it_is_refused(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert complete(files, "--out", str(files / "out.png")) == cli.REFUSED
    assert "nothing to go by" in capsys.readouterr().err
    assert complete(files, "--mask", str(files / "mask.png")) == cli.REFUSED
    assert "No output file given" in capsys.readouterr().err


def copy(files: Path, *more: str) -> int:
    image = str(files / "image.png")
    return cli.run(["copy-sketch", image, "--into", image, "--edges", *more])


def test_a_thing_is_copied_as_lines(files: Path) -> None:
    where = "--region", "18,10,44,44", "--at", "60,40", "--scale", "0.5", "--rotate", "20", "--flip"
    kept = "--out", str(files / "out.png"), "--lines", str(files / "lines.png")
    assert copy(files, *where, "--colours", *kept) == 0
    with Image.open(files / "lines.png") as lines:
        ink = np.asarray(lines)[..., 3]
    rows, columns = np.nonzero(ink > 100)
    assert columns.mean() == pytest.approx(60, abs=2)
    assert rows.mean() == pytest.approx(40, abs=2)
    assert (pixels(files / "image.png")[:, :40] == pixels(files / "out.png")[:, :40]).all()


def test_colours_take_on_a_light(files: Path) -> None:
    where = "--region", "18,10,44,44", "--at", "60,40", "--colours", "--feather", "0"
    tones = []
    for light in ("0.5", "1", ""):
        out = files / f"light{light}.png"
        assert copy(files, *where, *(["--light", light] if light else []), "--out", str(out)) == 0
        tones.append(pixels(out))
    assert tones[0].mean() < tones[1].mean() - 1
    assert (tones[1] == tones[2]).all(), "the same picture has the same light"


@pytest.mark.parametrize(
    ("region", "at", "words"),
    [
        ("1,2,3", "4,5", "--region"),
        ("0,0,40,40", "4;5", "--at"),
        ("0,0,nan,40", "4,5", "--region"),
        ("500,0,40,40", "4,5", "outside the picture"),
        ("20,10,40,40", "900,900", "outside the canvas"),
        ("0,50,10,10", "20,20", "no lines"),
    ],
)
def test_what_cannot_be_copied_is_refused(
    files: Path, capsys: pytest.CaptureFixture[str], region: str, at: str, words: str
) -> None:
    code = copy(files, "--region", region, "--at", at, "--out", str(files / "out.png"))
    assert code == cli.REFUSED
    assert words in capsys.readouterr().err
