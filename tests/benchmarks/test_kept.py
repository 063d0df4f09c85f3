# SPDX-License-Identifier: GPL-3.0-or-later
"""Kept results hold as long as what they depend on, and no longer."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks import kept
from benchmarks.kept import Kept, code_key, file_key, key_of, sources


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERDRAWING_HOME", str(tmp_path / "home"))


def test_made_once_and_kept_as_it_was() -> None:
    store, made = Kept("some", "0" * 16), [np.arange(24, dtype=np.uint8).reshape(2, 4, 3)]
    assert np.array_equal(store.pictures("row", lambda: made)[0], made[0])
    assert np.array_equal(store.pictures("row", lambda: pytest.fail("made again"))[0], made[0])
    values = store.numbers("ruler", lambda: [0.5, math.nan])
    again = store.numbers("ruler", lambda: pytest.fail("made again"))
    assert values[0] == again[0] == 0.5
    assert math.isnan(again[1])


def test_another_key_makes_anew_and_clears_what_was_under_the_old_one() -> None:
    one, other = Kept("some", "0" * 16), Kept("some", "1" * 16)
    one.numbers("ruler", lambda: 1)
    one.numbers("ruler_2", lambda: 2)
    assert other.numbers("ruler", lambda: 3) == 3
    assert sorted(path.name for path in other.folder.iterdir()) == [
        f"ruler-{'1' * 16}.json",
        f"ruler_2-{'0' * 16}.json",
    ]


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    store = Kept("some", "0" * 16)

    def failing() -> float:
        raise ValueError

    with pytest.raises(ValueError):
        store.numbers("ruler", failing)
    assert store.numbers("ruler", lambda: 4) == 4


def test_the_code_that_counts_is_what_is_imported_near_and_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        "backend/__init__.py": "",
        "backend/one.py": "from backend.rooms import two",
        "backend/rooms/__init__.py": "",
        "backend/rooms/two.py": "def f():\n    from ..three import x\n",
        "backend/three.py": "import torch\nx = 1",
        "backend/four.py": "x = 2",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(kept, "REPO", tmp_path)
    counted = {str(path.relative_to(tmp_path)) for path in sources("backend.one")}
    assert counted == set(files) - {"backend/four.py", "backend/__init__.py"}
    code_key.cache_clear()
    before = code_key("backend.one")
    (tmp_path / "backend/four.py").write_text("x = 3")
    code_key.cache_clear()
    assert code_key("backend.one") == before
    (tmp_path / "backend/three.py").write_text("x = 2")
    code_key.cache_clear()
    assert code_key("backend.one") != before
    code_key.cache_clear()


def test_keys_of_files_and_parts_tell_apart(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    there = file_key(tmp_path / "a")
    assert there != file_key(tmp_path / "b")
    (tmp_path / "a").write_bytes(b"2")
    assert there != file_key(tmp_path / "a")
    assert key_of(["ab", "c"]) != key_of(["a", "bc"])
