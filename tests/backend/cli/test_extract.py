# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from backend.cli import main as cli
from backend.cli.extract import colour_of, pictures_in, read_picture, targets
from backend.library import line_styles
from backend.weights.runtime import line_extractor
from models.networks.line_extractor import LineExtractor
from shared.errors import BadRequest
from shared.geometry import Bounds


@pytest.fixture(autouse=True)
def small_extractor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = LineExtractor((16, 16), (1, 1)).eval().requires_grad_(False)
    with torch.no_grad():
        for value in network.parameters():
            value.add_(0.1 * torch.randn_like(value))
        network.conv_out.weight.mul_(4)
    monkeypatch.setattr(line_extractor, "load_extractor", lambda device=None: network)
    monkeypatch.setattr(line_styles, "load_style", lambda id, device=None: network)
    monkeypatch.setenv("UNDERDRAWING_HOME", str(tmp_path / "home"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pictures"
    made.mkdir()
    y, x = np.mgrid[:40, :60]
    disc = np.where(np.hypot(y - 20, x - 30) < 12, 40, 210).astype(np.uint8)
    Image.fromarray(np.stack([disc, disc, 255 - disc], -1)).save(made / "red.png")
    Image.fromarray(disc).save(made / "grey.jpg")
    return made


def pixels_of(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture)


def run(*arguments: object) -> int:
    return cli.run(["extract", *map(str, arguments)])


def test_two_layers_of_ink_on_transparency(folder: Path) -> None:
    assert run(folder / "red.png", "--colour", "#204060") == 0
    for kind in ("contour", "detail"):
        pixels = pixels_of(folder / f"red.{kind}.png")
        assert pixels.shape == (40, 60, 4)
        assert (pixels[..., :3] == (0x20, 0x40, 0x60)).all()
        assert pixels[..., 3].std() > 1


def test_a_folder_at_once_and_a_sheet_to_look_at(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "lines"
    assert run(folder, "--out", out, "--sheet", tmp_path / "sheet.png") == 0
    assert sorted(file.name for file in out.iterdir()) == [
        "grey.contour.png",
        "grey.detail.png",
        "red.contour.png",
        "red.detail.png",
    ]
    assert pixels_of(tmp_path / "sheet.png").shape == (40 + 2 * 12, 4 * (60 + 12) + 12, 3)


def test_extracted_lines_are_no_pictures_of_the_next_batch(folder: Path) -> None:
    assert run(folder) == 0
    assert sorted(file.name for file in pictures_in([folder])) == ["grey.jpg", "red.png"]


def test_nothing_is_written_over_unless_forced(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = folder / "red.detail.png"
    mine.write_bytes(b"mine")
    assert run(folder) == cli.REFUSED
    assert "--force" in capsys.readouterr().err
    assert mine.read_bytes() == b"mine"
    assert not (folder / "grey.contour.png").exists()
    assert run(folder, "--force") == 0
    assert pixels_of(mine).shape == (40, 60, 4)


def test_weight_and_threshold_and_cleaning_change_the_ink(folder: Path, tmp_path: Path) -> None:
    inks: list[np.ndarray] = []
    for i, more in enumerate(([], ["--weight", 2], ["--threshold", 0.5], ["--clean"])):
        assert run(folder / "red.png", "--out", tmp_path / str(i), *more) == 0
        inks.append(pixels_of(tmp_path / str(i) / "red.contour.png")[..., 3].astype(int))
    assert inks[1].sum() > inks[0].sum() > inks[2].sum()
    assert not np.array_equal(inks[0], inks[3])


def test_one_bad_picture_does_not_stop_the_others(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "broken.png").write_bytes(b"no picture")
    assert run(folder) == cli.REFUSED
    assert "broken.png" in capsys.readouterr().err
    assert (folder / "red.contour.png").exists()
    assert (folder / "grey.contour.png").exists()


def test_bad_input_is_told_with_a_remedy(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    for arguments in ([folder / "none.png"], [tmp_path / "empty"], [folder, "--colour", "blue-ish"]):
        assert run(*arguments) == cli.REFUSED
        assert len(capsys.readouterr().err.splitlines()) == 2
    clear = folder / "clear.png"
    Image.new("RGBA", (20, 20)).save(clear)
    assert run(clear) == cli.REFUSED


@pytest.mark.parametrize("mode", ["L", "I;16", "F"])
def test_pictures_of_every_depth_are_read_alike(tmp_path: Path, mode: str) -> None:
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    deep = {"L": grey, "I;16": grey.astype(np.uint16) * 257, "F": grey.astype(np.float32) / 255}[mode]
    path = tmp_path / "picture.tif"
    Image.fromarray(deep).save(path)
    picture = read_picture(path)
    rgba = picture.rgba(Bounds(0, 0, 16, 16))
    assert np.abs(rgba[..., 0] * 255 - grey).max() < 0.01


def test_a_turned_photograph_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (30, 20)).save(tmp_path / "turned.jpg", exif=exif)
    assert read_picture(tmp_path / "turned.jpg").extent == (20, 30)


def test_pictures_of_one_name_keep_apart(tmp_path: Path) -> None:
    wanted = targets([tmp_path / "a.png", tmp_path / "a.jpg", tmp_path / "b.png"], None)
    names = [places[0].name for places in wanted.values()]
    assert names == ["a.png.contour.png", "a.jpg.contour.png", "b.contour.png"]
    with pytest.raises(BadRequest):
        targets([tmp_path / "x" / "a.png", tmp_path / "y" / "a.png"], tmp_path)


def test_colours() -> None:
    assert colour_of("#0a0b0c") == colour_of("0A0B0C") == (10, 11, 12)
    with pytest.raises(BadRequest):
        colour_of("#123")


def test_a_style_is_named_by_its_title_or_id(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder / "red.png", "--style", "Soft pencil") == 0
    assert run(folder / "red.png", "--style", "soft-pencil", "--force") == 0
    assert run(folder / "red.png", "--style", "my crayon", "--force") == cli.REFUSED
    assert "no line style 'my crayon'" in capsys.readouterr().err
