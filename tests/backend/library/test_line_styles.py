# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.numpy import load_file, save_file

from backend.library import line_styles
from backend.library.line_style_file import MOST_BYTES, StyleNotes, read_notes, write_style
from backend.weights.files.catalogue import sha256
from backend.weights.files.small_networks import write_network
from models.networks.line_extractor import LineExtractor
from shared.errors import BadRequest, MissingWeights, Refusal

REPO = Path(__file__).parents[3]


def png(side: int = 128) -> bytes:
    stream = io.BytesIO()
    Image.new("L", (side, side), 200).save(stream, "PNG")
    return stream.getvalue()


def network(seed: int) -> LineExtractor:
    torch.manual_seed(seed)
    return LineExtractor((16, 16), (1, 1))


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with nothing in it, a small general extractor, and one style that ships as what differs."""
    monkeypatch.setenv("UNDERDRAWING_HOME", str(tmp_path / "home"))
    write_network(network(0), tmp_path / "extractor")
    monkeypatch.setattr(line_styles, "EXTRACTOR", tmp_path / "extractor")
    monkeypatch.setattr(line_styles, "SHIPPED", tmp_path / "shipped")
    base = sha256(tmp_path / "extractor" / "model.safetensors")
    notes = StyleNotes("Brush pen", "2026-01-01T00:00:00+00:00", "", png(), network(0).config, base)
    state = network(7).state_dict()
    part = {name: state[name].numpy() for name in state if name.startswith(("meet", "conv_out"))}
    write_style(tmp_path / "shipped" / "brush-pen.safetensors", notes, part)
    return tmp_path


def saved(title: str = "My line", seed: int = 3) -> line_styles.StyleInfo:
    return line_styles.save_style(network(seed), title, png(), family="embedded")


def drawn(id: str) -> torch.Tensor:
    extractor = line_styles.load_style(id)
    torch.manual_seed(1)
    with torch.no_grad():
        return extractor(torch.rand(1, 3, 32, 32) * 2 - 1)


def test_what_was_saved_draws_the_same() -> None:
    info = saved()
    here = network(3).half().float()
    torch.manual_seed(1)
    with torch.no_grad():
        wanted = here(torch.rand(1, 3, 32, 32) * 2 - 1)
    torch.testing.assert_close(drawn(info.id), wanted)
    assert not any(weight.requires_grad for weight in line_styles.load_style(info.id).parameters())


def test_no_style_is_the_general_extractor() -> None:
    assert torch.equal(line_styles.load_style("").conv_in.weight, network(0).half().float().conv_in.weight)


def test_a_shipped_style_is_the_general_one_with_what_differs() -> None:
    extractor, general, own = (
        line_styles.load_style("brush-pen"),
        network(0).half().float(),
        network(7).half().float(),
    )
    assert torch.equal(extractor.conv_in.weight, general.conv_in.weight)
    assert torch.equal(extractor.conv_out.weight, own.conv_out.weight)
    assert not torch.equal(extractor.conv_out.weight, general.conv_out.weight)


def test_a_shipped_style_of_another_extractor_is_refused(library: Path) -> None:
    write_network(network(9), library / "extractor")
    with pytest.raises(MissingWeights, match="another version") as caught:
        line_styles.load_style("brush-pen")
    assert caught.value.remedy


def test_the_list_begins_with_what_ships() -> None:
    second, first = saved("zebra"), saved("Ant")
    found = line_styles.list_styles()
    assert [info.id for info in found] == ["brush-pen", first.id, second.id]
    assert [info.shipped for info in found] == [True, False, False]
    assert found[1] == first
    assert first.size_bytes < 20 << 20 and first.thumbnail == png() and first.created


def test_the_library_needs_no_torch() -> None:
    program = (
        "import sys, backend.library.line_styles as s; s.list_styles();"
        "assert 'torch' not in sys.modules and 'safetensors.torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], cwd=REPO, check=True)


def test_an_id_stays_when_the_title_changes() -> None:
    info = saved()
    before = drawn(info.id)
    renamed = line_styles.rename_style(info.id, "Tusche, „grob“ 太い線 🖋")
    assert renamed == replace(info, title="Tusche, „grob“ 太い線 🖋", size_bytes=renamed.size_bytes)
    assert torch.equal(drawn(info.id), before)
    assert line_styles.list_styles()[1] == renamed


def test_two_styles_may_have_one_title() -> None:
    first, second = saved(seed=3), saved(seed=4)
    assert first.id != second.id and first.title == second.title
    assert not torch.equal(drawn(first.id), drawn(second.id))
    line_styles.delete_style(first.id)
    assert [info.id for info in line_styles.list_styles()] == ["brush-pen", second.id]


@pytest.mark.parametrize("title", ["", "   ", "a\nb", "x" * 81, "bell\a"])
def test_a_title_that_cannot_be_shown_is_refused(title: str) -> None:
    info = saved()
    for act in (lambda: line_styles.rename_style(info.id, title), lambda: saved(title)):
        with pytest.raises(BadRequest) as caught:
            act()
        assert "characters" in caught.value.remedy
    assert [one.title for one in line_styles.list_styles()] == ["Brush pen", "My line"]


@pytest.mark.parametrize("id", ["nothing", "../extractor/model", "", "brush-pen"])
def test_what_is_not_the_artists_is_not_touched(id: str) -> None:
    for act in (lambda: line_styles.delete_style(id), lambda: line_styles.rename_style(id, "mine")):
        with pytest.raises(BadRequest) as caught:
            act()
        assert caught.value.remedy
    assert [info.id for info in line_styles.list_styles()] == ["brush-pen"]


def test_a_style_travels(tmp_path: Path) -> None:
    info = saved('a/b: "c" \\ <d>')
    target = line_styles.export_style(info.id, tmp_path)
    assert target.parent == tmp_path and target.name == "ab c  d.safetensors"
    again = line_styles.import_style(target)
    assert again.id != info.id and again.title == info.title and again.created == info.created
    assert torch.equal(drawn(again.id), drawn(info.id))


def test_a_shipped_style_travels_whole(tmp_path: Path, library: Path) -> None:
    target = line_styles.export_style("brush-pen", tmp_path / "file")
    assert target.name == "file.safetensors"
    before = drawn("brush-pen")
    assert set(load_file(target)) == set(network(0).state_dict())
    write_network(network(9), library / "extractor")  # the other side's general extractor differs
    assert torch.equal(drawn(line_styles.import_style(target).id), before)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    info = saved()
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(Refusal) as caught:
        line_styles.export_style(info.id, tmp_path / "file" / "style.safetensors")
    assert caught.value.remedy
    assert not list(tmp_path.glob(".*"))


def broken(kind: str, path: Path, good: bytes) -> None:
    """Write a file that is wrong in one way."""
    weights = {name: weight.half().numpy() for name, weight in network(3).state_dict().items()}
    notes = StyleNotes("x", "2026", "", png(), network(3).config)
    if kind == "cut short":
        path.write_bytes(good[:-100])
    elif kind == "too long":
        path.write_bytes(good + b"x")
    elif kind == "pickle":
        path.write_bytes(b"\x80\x02}q\x00." * 20)
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "foreign":
        save_file(weights, path)
    elif kind == "huge":
        path.write_bytes(b"\0" * (MOST_BYTES + 1))
    elif kind == "later":
        save_file(weights, path, {**notes.words(), "underdrawing_line_style": "2"})
    elif kind == "no thumbnail":
        save_file(weights, path, {**notes.words(), "thumbnail": "AAAA"})
    elif kind == "torn thumbnail":
        words = notes.words()
        save_file(
            weights, path, {**words, "thumbnail": words["thumbnail"][: len(words["thumbnail"]) // 8 * 4]}
        )
    elif kind == "no title":
        save_file(weights, path, {**notes.words(), "title": "\n"})
    elif kind == "config is a list":
        save_file(weights, path, {**notes.words(), "config": "[1]"})
    elif kind == "another network":
        config = {"widths": [1 << 20, 1 << 20], "depths": [1, 1]}
        save_file(weights, path, {**notes.words(), "config": json.dumps(config)})
    elif kind == "a tensor is missing":
        save_file({name: weights[name] for name in list(weights)[1:]}, path, notes.words())
    elif kind == "another shape":
        save_file({**weights, "conv_out.bias": np.zeros(9, np.float16)}, path, notes.words())
    elif kind == "not a number":
        save_file({**weights, "conv_out.bias": np.full(8, np.nan, np.float16)}, path, notes.words())
    elif kind == "whole numbers":
        save_file({**weights, "conv_out.bias": np.zeros(8, np.int64)}, path, notes.words())
    elif kind == "another base":
        save_file(weights, path, {**notes.words(), "base": "0" * 64})
    else:
        raise KeyError(kind)


KINDS = (
    *("cut short", "too long", "pickle", "empty", "foreign", "huge", "later"),
    *("no thumbnail", "torn thumbnail", "no title", "config is a list"),
    *("another network", "a tensor is missing", "another shape", "another base"),
    *("not a number", "whole numbers"),
)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_wrong_is_refused(kind: str, tmp_path: Path) -> None:
    info = saved()
    path = tmp_path / "given.safetensors"
    broken(kind, path, (line_styles.styles_dir() / f"{info.id}.safetensors").read_bytes())
    with pytest.raises(Refusal) as caught:
        line_styles.import_style(path)
    assert caught.value.message and caught.value.remedy
    assert [one.id for one in line_styles.list_styles()] == ["brush-pen", info.id]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingWeights, match="not there"):
        line_styles.import_style(tmp_path / "none.safetensors")


def test_a_damaged_style_does_not_hide_the_others() -> None:
    good, bad = saved("good"), saved("bad")
    path = line_styles.styles_dir() / f"{bad.id}.safetensors"
    path.write_bytes(path.read_bytes()[:300])
    found, refused = line_styles.read_library()
    assert [info.id for info in found] == ["brush-pen", good.id]
    assert len(refused) == 1 and bad.id in refused[0].message
    with pytest.raises(MissingWeights):
        line_styles.load_style(bad.id)
    line_styles.delete_style(bad.id)
    assert not path.exists()


def test_weights_that_are_no_numbers_are_not_saved() -> None:
    extractor = network(3)
    with torch.no_grad():
        extractor.conv_out.bias[0] = 1e9  # beyond half precision
    with pytest.raises(ValueError, match="finite"):
        line_styles.save_style(extractor, "x", png())
    assert [info.id for info in line_styles.list_styles()] == ["brush-pen"]


def test_notes_come_back(tmp_path: Path) -> None:
    notes = StyleNotes("ä", "2026-01-01", "sd15", png(), {"widths": [16]}, "f" * 64)
    write_style(tmp_path / "a.safetensors", notes, {"a": np.ones(2, np.float32)})
    assert read_notes(tmp_path / "a.safetensors")[0] == notes
