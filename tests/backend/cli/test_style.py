# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from backend.acts.line_style import learn
from backend.cli import style as cli_style
from backend.cli.main import REFUSED, run
from backend.library import line_styles
from backend.weights.files.small_networks import write_network
from models.networks.line_extractor import LineExtractor
from shared.errors import BadRequest, Cancelled
from tests.backend.library.test_line_styles import png


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNDERDRAWING_HOME", str(tmp_path / "home"))
    torch.manual_seed(0)
    write_network(LineExtractor((16, 16), (1, 1)), tmp_path / "extractor")
    monkeypatch.setattr(line_styles, "EXTRACTOR", tmp_path / "extractor")
    monkeypatch.setattr(line_styles, "SHIPPED", tmp_path / "shipped")
    return tmp_path


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    """A square on noise; its outline on transparency, a diagonal on white paper."""
    picture = np.random.default_rng(0).integers(0, 60, (80, 96, 3), np.uint8)
    picture[20:60, 20:60] = 220
    outline, inner = np.zeros((80, 96, 4), np.uint8), np.full((80, 96, 3), 255, np.uint8)
    outline[19:61, 19:61, 3] = 255
    outline[21:59, 21:59, 3] = 0
    inner[np.arange(25, 55), np.arange(25, 55)] = 0
    Image.fromarray(picture).save(tmp_path / "square.png")
    Image.fromarray(outline).save(tmp_path / "contour.png")
    Image.fromarray(inner).save(tmp_path / "detail.png")
    return tmp_path


def saved(title: str) -> line_styles.StyleInfo:
    torch.manual_seed(3)
    return line_styles.save_style(LineExtractor((16, 16), (1, 1)), title, png())


def test_lists_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    info = saved("Tusche [bold]")
    assert run(["style", "list"]) == 0
    assert "Tusche [bold]" in capsys.readouterr().out
    assert run(["style", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["styles"]
    assert listed == [
        {
            "id": info.id,
            "title": info.title,
            "shipped": False,
            "size_bytes": info.size_bytes,
            "created": info.created,
        }
    ]


def test_a_style_that_cannot_be_read_is_told_beside_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    info = saved("torn")
    path = line_styles.styles_dir() / f"{info.id}.safetensors"
    path.write_bytes(path.read_bytes()[:-3])
    assert run(["style", "list", "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == {"styles": []} and info.id in told.err


def test_renames_exports_imports_deletes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    info, file = saved("First"), tmp_path / "out.safetensors"
    assert run(["style", "rename", "first", "Zweite Linie"]) == 0
    assert run(["style", "export", info.id, str(file)]) == 0
    assert file.is_file()
    assert run(["style", "export", info.id, str(file)]) == REFUSED  # it is there already
    assert run(["style", "export", info.id, str(file), "--force"]) == 0
    assert run(["style", "delete", info.id]) == REFUSED  # nobody to ask
    assert run(["style", "delete", info.id, "--yes"]) == 0
    assert line_styles.list_styles() == ()
    assert run(["style", "import", str(file)]) == 0
    assert [one.title for one in line_styles.list_styles()] == ["Zweite Linie"]


def test_two_of_one_title_are_asked_for_by_id() -> None:
    first, second = saved("Same"), saved("Same")
    with pytest.raises(BadRequest, match="2 line styles") as caught:
        cli_style.find("same")
    assert first.id in caught.value.remedy and second.id in caught.value.remedy
    assert cli_style.find(second.id) == second
    with pytest.raises(BadRequest, match="no line style"):
        cli_style.find("other")


def test_reads_lines_on_transparency_and_on_paper(drawing: Path) -> None:
    files = [drawing / name for name in ("square.png", "contour.png", "detail.png")]
    example = cli_style.read_example(*files, None)
    assert example.contour[19, 30] == 255 and example.contour[30, 30] == 0
    assert example.detail[30, 30] == 255 and example.detail[19, 30] == 0
    assert cli_style.read_example(files[0], files[1], None, None).detail.max() == 0


def test_lines_in_one_file_are_split(drawing: Path) -> None:
    example = cli_style.read_example(drawing / "square.png", None, None, drawing / "contour.png")
    assert np.array_equal(example.ink > 0, cli_style.read_ink(drawing / "contour.png") > 0)


@pytest.mark.parametrize("lines", [[], ["--lines", "contour.png", "--contour", "contour.png"]])
def test_lines_are_given_once(drawing: Path, lines: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    given = [str(drawing / word) if word.endswith("png") else word for word in lines]
    assert run(["style", "learn", str(drawing / "square.png"), *given]) == REFUSED
    assert "--lines" in capsys.readouterr().err


def test_lines_of_another_size_are_refused(drawing: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("L", (90, 90), 255).save(drawing / "blank.png")
    words = [str(drawing / "square.png"), "--contour", str(drawing / "blank.png")]
    assert run(["style", "learn", *words]) == REFUSED
    assert "differ in size" in capsys.readouterr().err


def test_learns_from_files(
    drawing: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(learn, "check_match", lambda *_: 1.0)  # the extractor here is random
    words = ["--contour", str(drawing / "contour.png"), "--minutes", "0.02", "--title", "Mine"]
    assert run(["style", "learn", str(drawing / "square.png"), *words, "--method", "example"]) == 0
    (info,) = line_styles.list_styles()
    assert info.title == "Mine" and info.id in capsys.readouterr().out
    assert not any((line_styles.styles_dir() / "learning").iterdir())


def test_one_example_has_one_folder(drawing: Path) -> None:
    paths = [drawing / name for name in ("square.png", "contour.png", "detail.png")]
    example, other = (
        cli_style.read_example(*paths, None),
        cli_style.read_example(paths[0], paths[1], None, None),
    )
    assert cli_style.working_folder(example, "embedded", "auto") == cli_style.working_folder(
        example, "embedded", "auto"
    )
    folders = {
        cli_style.working_folder(one, family, "auto") for one in (example, other) for family in ("a", "b")
    }
    assert len(folders) == 4


def test_ctrl_c_asks_the_learning_to_stop() -> None:
    with cli_style._bar() as report:
        report.check()
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Cancelled):
            report.check()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
