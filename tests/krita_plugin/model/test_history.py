# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from krita_plugin.underdrawing.model import history
from krita_plugin.underdrawing.model.events import Inked, Painted, Thumbnail
from krita_plugin.underdrawing.model.history import History, name_of
from krita_plugin.underdrawing.model.settings import Settings
from shared.errors import Refusal
from shared.geometry import Bounds


def painted(number: int, size: int = 4) -> Painted:
    data = bytes([number]) * (size * size * 4)
    small = Thumbnail(1, 1, bytes([number, 2, 3, 4]))
    return Painted(f"job{number}", Bounds(1, 2, size, size), data, "bgra_u8", number, 1.5, small)


def inked(note: str) -> Inked:
    return Inked("lines", Bounds(0, 0, 2, 2), bytes(4), bytes(4), 1.0, Thumbnail(1, 1, b"abcd"), note)


def test_names_are_short() -> None:
    assert name_of("  a  red\nleaf ", 5) == "Painted: a red leaf"
    assert name_of("", 5) == "Painted: 5"
    long = name_of("word " * 40, 5)
    assert len(long) <= len("Painted: ") + 40
    assert long.endswith("…")


def test_results_outlive_the_program(tmp_path: Path) -> None:
    first = History(tmp_path)
    for number in range(3):
        first.add(painted(number), Settings("leaf", seed=9))
    first.add_lines(inked("The paper was dark."), "Photo", Settings())
    first.add(replace(painted(3), note="Closed a gap of 9 px."), Settings())
    first.close()
    second = History(tmp_path)
    assert [item.id for item in second.items] == ["job3", "lines", "job2", "job1", "job0"]
    assert second.items == first.items
    notes = [item.note for item in second.items]
    assert notes == ["Closed a gap of 9 px.", "The paper was dark.", "", "", ""]
    assert second.items[2].settings.seed == 2, "the seed that was used"
    assert second.pixels(second.items[3]) == painted(1).data
    second.close()


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    kept = History(tmp_path, capacity=2)
    for number in range(4):
        kept.add(painted(number), Settings())
    kept.close()
    assert [item.id for item in kept.items] == ["job3", "job2"]
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["job2", "job3"]


def test_memory_is_bounded_and_files_serve_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MEMORY_BYTES", 100)
    kept = History(tmp_path)
    items = [kept.add(painted(number), Settings()) for number in range(3)]
    kept.flush()
    (tmp_path / "job2.painting").unlink()
    assert kept.pixels(items[2]) == painted(2).data, "the newest is in memory"
    assert kept.pixels(items[0]) == painted(0).data
    (tmp_path / "job0.painting").unlink()
    with pytest.raises(Refusal, match="no longer on the disk") as refusal:
        kept.pixels(items[0])
    assert "seed 0" in refusal.value.remedy
    kept.close()


def test_damaged_files_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.painting").write_bytes(b"\x00\x01")
    (tmp_path / "b.painting").write_text('{"name": "x"}\n')
    kept = History(tmp_path)
    assert kept.items == []
    item = kept.add(painted(1), Settings())
    kept.flush()
    whole = (tmp_path / "job1.painting").read_bytes()
    (tmp_path / "job1.painting").write_bytes(whole[:-3])
    kept.close()
    again = History(tmp_path)
    assert [found.id for found in again.items] == [item.id]
    with pytest.raises(Refusal):
        again.pixels(again.items[0])
    again.close()


def test_a_folder_that_cannot_be_written_keeps_what_memory_holds(tmp_path: Path) -> None:
    (tmp_path / "history").write_text("a file is in the way")
    kept = History(tmp_path / "history")
    item = kept.add(painted(5), Settings())
    kept.flush()
    assert kept.pixels(item) == painted(5).data
    kept.close()
