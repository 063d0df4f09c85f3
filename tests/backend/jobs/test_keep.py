# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.jobs.keep import Keep, Name
from shared.messages import Message, PutTiles, Release, Tile
from tests.golden.samples import SAMPLES, A, B

RESULT, SUBMIT = SAMPLES["result_painting"][1], SAMPLES["submit"][1]
TILES = [PutTiles("job", (Tile(A, b"a" * 1000),)), PutTiles("job", (Tile(B, b"b"),))]
DONE, QUEUED = Name("krita-1", "job-1", "result"), Name("krita-1", "job_2", "request")


def test_what_is_saved_is_loaded_the_oldest_first(tmp_path: Path) -> None:
    keep = Keep(tmp_path)
    keep.save(DONE, [RESULT, *TILES])
    keep.save(QUEUED, [SUBMIT, *TILES])
    os.utime(tmp_path / QUEUED.file, (1, 1))
    tiles = {A: b"a" * 1000, B: b"b"}
    assert keep.load() == [(QUEUED, SUBMIT, tiles), (DONE, RESULT, {})]
    assert keep.tiles(DONE) == tiles
    keep.drop(DONE)
    keep.drop(DONE)
    assert keep.names() == [QUEUED]


@pytest.mark.parametrize("damage", ["cut", "garbage", "empty", "other_message", "other_kind"])
def test_a_damaged_file_is_removed_and_the_rest_loaded(tmp_path: Path, damage: str) -> None:
    keep = Keep(tmp_path)
    keep.save(QUEUED, [SUBMIT, *TILES])
    keep.save(Name("b", "b", "request"), [SUBMIT, *TILES])
    path = tmp_path / QUEUED.file
    data = path.read_bytes()
    if damage == "other_message":
        keep.save(QUEUED, [Release("job-1")])
    elif damage == "other_kind":
        keep.save(QUEUED, [RESULT])
    else:
        path.write_bytes({"cut": data[:-1], "garbage": b"\0\0\0\4abcd", "empty": b""}[damage])
    assert [name.client for name, _, _ in keep.load()] == ["b"]
    assert not path.exists()


def test_what_is_being_written_is_not_tidied_away(tmp_path: Path) -> None:
    keep, tidying = Keep(tmp_path), threading.Event()

    def slowly() -> Iterator[Message]:
        yield SUBMIT
        tidying.set()
        time.sleep(0.2)
        yield from TILES

    saving = threading.Thread(target=keep.save, args=(QUEUED, slowly()))
    saving.start()
    assert tidying.wait(10)
    keep.tidy()
    saving.join()
    assert keep.names() == [QUEUED]
    (tmp_path / "half.part").touch()
    keep.tidy()
    assert [path.name for path in tmp_path.iterdir()] == [QUEUED.file]


def test_foreign_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("hello")
    (tmp_path / "a.b.c.result").write_text("hello")
    keep = Keep(tmp_path)
    assert keep.load() == []
    keep.tidy()
    assert len(list(tmp_path.iterdir())) == 2


def test_too_old_and_too_much_is_removed(tmp_path: Path) -> None:
    keep = Keep(tmp_path, max_bytes=5000, max_age_s=100)
    for number in range(4):
        name = Name("a", str(number), "result")
        keep.save(name, [RESULT, PutTiles("job", (Tile(A, bytes(2000)),))])
        os.utime(tmp_path / name.file, (time.time() - 50 + number,) * 2)
    keep.tidy()
    assert [name.job for name in keep.names()] == ["2", "3"]
    os.utime(tmp_path / "a.3.result", (time.time() - 101,) * 2)
    (tmp_path / "a.5.result.part").write_bytes(b"half")
    keep.tidy()
    assert [p.name for p in tmp_path.iterdir()] == ["a.2.result"]


def test_a_failed_save_leaves_nothing_and_the_old_one(tmp_path: Path) -> None:
    keep = Keep(tmp_path)
    keep.save(DONE, [RESULT, *TILES])
    before = (tmp_path / DONE.file).read_bytes()

    def full():
        yield RESULT
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        keep.save(DONE, full())
    assert [p.name for p in tmp_path.iterdir()] == [DONE.file]
    assert (tmp_path / DONE.file).read_bytes() == before
