# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from backend.cli import paint as cli_paint
from backend.cli.main import REFUSED, run
from backend.cli.paint import family_id
from backend.weights.files.catalogue import Family
from backend.weights.runtime import families as known


@pytest.fixture(autouse=True)
def tiny_family(families: dict[str, Family], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "read_catalogue", lambda: {"embedded": families["embedded"]})


@pytest.fixture
def drawing(tmp_path: Path) -> Iterator[Path]:
    picture = np.random.default_rng(0).integers(0, 255, (60, 90, 3), np.uint8)
    mask = np.zeros((60, 90), np.uint8)
    mask[10:40, 20:70] = 255
    lines = np.zeros((60, 90, 4), np.uint8)
    lines[25, 20:70, 3] = 255
    Image.fromarray(picture).save(tmp_path / "image.png")
    Image.fromarray(mask).save(tmp_path / "mask.png")
    Image.fromarray(lines).save(tmp_path / "contour.png")
    (tmp_path / "prompt.txt").write_text("a cup\n")
    yield tmp_path


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGBA"))


def test_paints_files(drawing: Path) -> None:
    files = [f"--{name}={drawing / name}.png" for name in ("image", "mask", "contour")]
    out, layer = drawing / "out.png", drawing / "layer.png"
    words = ["--prompt", "a cup", "--seed", "3", "--steps", "2"]
    assert run(["paint", *files, *words, "--out", str(out), "--layer", str(layer)]) == 0
    before, after, alone = pixels(drawing / "image.png"), pixels(out), pixels(layer)
    selected = np.asarray(Image.open(drawing / "mask.png")) > 0
    np.testing.assert_array_equal(after[~selected], before[~selected])
    assert not np.array_equal(after[selected], before[selected])
    assert not alone[~selected].any()
    np.testing.assert_array_equal(alone[selected], after[selected])


def test_an_example_is_a_folder(drawing: Path) -> None:
    files, words = cli_paint.read_example(str(drawing))
    assert set(files) == {"image", "mask", "contour"}
    assert words == "a cup"
    assert run(["paint", "--example", str(drawing), "--steps", "1", "--out", str(drawing / "out.png")]) == 0
    assert pixels(drawing / "out.png").shape == (60, 90, 4)


def test_the_shipped_examples_are_whole() -> None:
    for folder in sorted(cli_paint.EXAMPLES.iterdir()):
        files, words = cli_paint.read_example(folder.name)
        assert set(files) == set(cli_paint.LAYERS)
        assert words
        given = cli_paint.input_of(files, {})
        assert given.mask.any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--mask={0}/mask.png"], "No output file given"),
        (["--out=x.png"], "No pictures given"),
        (["--image={0}/image.png", "--out=x.png"], "nothing to go by"),
        (["--mask={0}/prompt.txt", "--out=x.png"], "cannot be read as a picture"),
        (["--example=unicorn", "--out=x.png"], "no example 'unicorn'"),
        (["--mask={0}/mask.png", "--family=none", "--out=x.png"], "no base model 'none'"),
        (["--example={0}", "--steps=1", "--out={0}/no/such/out.png"], "cannot be written"),
    ],
)
def test_refusals_have_a_remedy(
    drawing: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["paint", *(argument.format(drawing) for argument in arguments)]) == REFUSED
    said = capsys.readouterr().err
    assert message in said
    assert said.strip().count("\n") >= 1


def test_a_checkpoint_is_given_by_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "embedded").mkdir()
    (tmp_path / "mine.safetensors").touch()
    assert family_id("embedded") == "embedded"
    assert family_id("mine.safetensors") == f"file:{tmp_path / 'mine.safetensors'}"
    assert family_id("nonsense") == "nonsense"
