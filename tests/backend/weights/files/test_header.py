# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from safetensors.torch import save_file

from backend.weights.files import header
from backend.weights.files.header import TensorInfo, read_header
from shared.errors import BadRequest, MissingWeights, Refusal

ONE = {"a": {"dtype": "F16", "shape": [2, 3], "data_offsets": [0, 12]}}
TWO = {**ONE, "b": {"dtype": "F32", "shape": [], "data_offsets": [12, 16]}}


def form(listing: object, data: int, *, text: bytes | None = None) -> bytes:
    text = json.dumps(listing).encode() if text is None else text
    return len(text).to_bytes(8, "little") + text + bytes(data)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "model.safetensors"
    path.write_bytes(content)
    return path


def test_reads_what_the_library_writes(tmp_path: Path) -> None:
    tensors = {
        "half": torch.zeros(2, 3, dtype=torch.float16),
        "brain": torch.zeros(4, dtype=torch.bfloat16),
        "eight": torch.zeros(5, dtype=torch.float8_e4m3fn),
        "truth": torch.zeros(3, dtype=torch.bool),
        "scalar": torch.tensor(1.0),
        "nothing": torch.zeros(0, 7),
    }
    path = tmp_path / "m.safetensors"
    save_file(tensors, path, metadata={"format": "pt", "note": "é"})
    read = read_header(path)
    assert {name: info.shape for name, info in read.tensors.items()} == {
        name: tuple(tensor.shape) for name, tensor in tensors.items()
    }
    assert read.tensors["half"].dtype == "F16" and read.tensors["brain"].dtype == "BF16"
    assert read.metadata == {"format": "pt", "note": "é"}
    assert read.size_bytes == path.stat().st_size
    assert "half" in read.tensors and "other" not in read.tensors and len(read.tensors) == 6


def test_places_are_as_written(tmp_path: Path) -> None:
    read = read_header(written(tmp_path, form(TWO, 16)))
    assert read.tensors["b"] == TensorInfo("F32", (), 12, 16) and read.metadata == {}


def test_an_empty_list_is_a_file(tmp_path: Path) -> None:
    assert not read_header(written(tmp_path, form({}, 0))).tensors
    with pytest.raises(MissingWeights, match="1 bytes too many"):
        read_header(written(tmp_path, form({}, 1)))


def test_a_header_longer_than_one_read(tmp_path: Path) -> None:
    listing = {"__metadata__": {"long": "x" * header.FIRST_READ_BYTES}, **ONE}
    read = read_header(written(tmp_path, form(listing, 12)))
    assert list(read.tensors) == ["a"] and len(read.metadata["long"]) == header.FIRST_READ_BYTES


def entry(**changes: Any) -> dict[str, Any]:
    return {"a": {**ONE["a"], **changes}}


LIES = {
    "bytes do not fit": entry(shape=[2, 4]),
    "the bytes of 'a'": entry(dtype="F32"),
    "bytes of 'a' do": entry(data_offsets=[12, 0]),
    "begins below zero": entry(data_offsets=[-12, 0]),
    "unknown type": entry(dtype="F17"),
    "no type": {"a": {"shape": [2, 3], "data_offsets": [0, 12]}},
    "no shape": entry(shape=None),
    "a shape of words": entry(shape="23"),
    "a shape of halves": entry(shape=[2.0, 3]),
    "a shape of truth": entry(shape=[True, 6]),
    "negative sides": entry(shape=[-2, -3]),
    "three places": entry(data_offsets=[0, 12, 12]),
    "a place in words": entry(data_offsets="01"),
    "a place that is not whole": entry(data_offsets=[0, 12.0]),
    "not an entry": {"a": 3},
    "not an entry either": {"a": [1, 2, 3]},
    "overlap": {**ONE, "b": {"dtype": "F32", "shape": [], "data_offsets": [8, 12]}},
    "the same place twice": {**ONE, "b": ONE["a"]},
    "a hole": {**ONE, "b": {"dtype": "F32", "shape": [], "data_offsets": [13, 17]}},
    "a hole at the start": entry(data_offsets=[1, 13]),
    "notes that are no words": {"__metadata__": {"a": 1}, **ONE},
    "notes that are a list": {"__metadata__": ["a"], **ONE},
}


@pytest.mark.parametrize("listing", LIES.values(), ids=LIES)
@pytest.mark.parametrize("data", [12, 13, 16, 17])
def test_a_header_that_lies_is_found(tmp_path: Path, listing: object, data: int) -> None:
    with pytest.raises(MissingWeights, match=r"model\.safetensors is damaged.*again"):
        read_header(written(tmp_path, form(listing, data)))


def test_the_liar_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingWeights, match="the bytes of 'a' do not fit its shape"):
        read_header(written(tmp_path, form(entry(shape=[9]), 12)))
    with pytest.raises(MissingWeights, match="overlap"):
        read_header(written(tmp_path, form(LIES["overlap"], 12)))
    with pytest.raises(MissingWeights, match="hole"):
        read_header(written(tmp_path, form(LIES["a hole"], 17)))


def test_cut_short_and_too_long(tmp_path: Path) -> None:
    whole = form(TWO, 16)
    with pytest.raises(MissingWeights, match="3 of 16 bytes are missing"):
        read_header(written(tmp_path, whole[:-3]))
    with pytest.raises(MissingWeights, match="2 bytes too many"):
        read_header(written(tmp_path, whole + b"xx"))
    with pytest.raises(MissingWeights, match="ends within its header"):
        read_header(written(tmp_path, whole[:40]))
    for length in range(8):
        with pytest.raises(MissingWeights, match="bytes only"):
            read_header(written(tmp_path, whole[:length]))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"{ ", "cannot be read"),
        (b'{"a":', "cannot be read"),
        (b'{"\xff": 1}', "cannot be read"),
        (b"[]", "does not begin"),
        (b" {}", "does not begin"),
        (b'{"a":' * 20_000, "cannot be read"),
        (b'{"a": NaN}', "cannot be read"),
        (b'{"a": ' + b"9" * 5000 + b"}", "cannot be read"),
    ],
)
def test_a_list_that_is_no_list(tmp_path: Path, text: bytes, why: str) -> None:
    with pytest.raises(MissingWeights, match=why):
        read_header(written(tmp_path, form(None, 0, text=text)))


def test_a_length_that_is_absurd_reads_nothing_more(tmp_path: Path) -> None:
    path = written(tmp_path, (200_000_000).to_bytes(8, "little") + b"{")
    os.truncate(path, 300_000_000)  # sparse
    with pytest.raises(MissingWeights, match="does not begin as a safetensors file does"):
        read_header(path)


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:", "note of Git LFS"),
        (b"<!DOCTYPE html><html>Please log in", "web page"),
        (b"PK\x03\x04archive/data.pkl", "pickled file under another name"),
        (b"\x80\x02}q\x00X\x0a\x00\x00\x00state_dict", "pickled file under another name"),
        (b"GGUF\x03\x00\x00\x00\x00\x00", "GGUF"),
    ],
)
def test_what_it_is_instead_is_said(tmp_path: Path, start: bytes, words: str) -> None:
    with pytest.raises(MissingWeights, match=words):
        read_header(written(tmp_path, start))


def test_a_length_that_looks_like_another_file_is_none(tmp_path: Path) -> None:
    padded = json.dumps(ONE).encode()
    padded += b" " * (0x3C + 0x100 - len(padded))  # its first byte is "<"
    assert list(read_header(written(tmp_path, form(None, 12, text=padded))).tensors) == ["a"]


def test_absent_and_unreadable(tmp_path: Path) -> None:
    with pytest.raises(MissingWeights, match="not there any more"):
        read_header(tmp_path / "absent.safetensors")
    with pytest.raises(BadRequest, match="cannot be read"):
        read_header(tmp_path)


WORDS = st.sampled_from(["dtype", "shape", "data_offsets", "__metadata__", "a", "b", "F16", "F32", "F4"])
NUMBERS = st.integers(-2, 20) | st.sampled_from([2**63, 10**30, 0.5, True])
JUNK = st.recursive(
    st.none() | NUMBERS | WORDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner)
)
ENTRIES = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["F16", "F32", "U8", "F4", "F6_E2M3", "F0"]),
        "shape": st.lists(NUMBERS, max_size=3),
        "data_offsets": st.lists(NUMBERS, min_size=1, max_size=3),
    }
)


def answer(folder: Path, content: bytes) -> Refusal | None:
    """What the reader says; anything but a refusal fails the test."""
    try:
        read_header(written(folder, content))
    except Refusal as refusal:
        assert refusal.remedy
        return refusal
    return None


@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.getbasetemp()
    answer(folder, content)
    answer(folder, len(content).to_bytes(8, "little") + content)


@given(listing=st.dictionaries(WORDS, JUNK | ENTRIES, max_size=4), data=st.integers(0, 40))
@example(listing={"a": {"dtype": "F4", "shape": [3], "data_offsets": [0, 1]}}, data=1)
def test_any_list_is_read_or_refused_by_the_fast_and_the_slow_way_alike(
    tmp_path_factory: pytest.TempPathFactory, listing: dict[str, Any], data: int
) -> None:
    answer(tmp_path_factory.getbasetemp(), form(listing, data))
    listing.pop("__metadata__", None)
    fast = header.is_valid(listing, data)
    try:
        header._find_lie(listing, data)
    except ValueError:
        assert not fast
    else:
        assert fast


@given(
    shapes=st.lists(st.lists(st.integers(0, 4), max_size=3), min_size=1, max_size=6), cut=st.integers(-3, 3)
)
def test_true_headers_are_believed_and_only_those(
    tmp_path_factory: pytest.TempPathFactory, shapes: list[list[int]], cut: int
) -> None:
    listing: dict[str, Any] = {}
    reached = 0
    for number, shape in enumerate(shapes):
        end = reached + 2 * int(torch.Size(shape).numel())
        listing[f"t{number}"] = {"dtype": "F16", "shape": shape, "data_offsets": [reached, end]}
        reached = end
    refused = answer(tmp_path_factory.getbasetemp(), form(listing, max(0, reached + cut)))
    assert (refused is None) == (max(0, reached + cut) == reached)
