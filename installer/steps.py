# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbered steps with times, skipped when nothing that they depend on has changed."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, cast

Say = Callable[[str], None]
"""Shows what happens within a step: one line that the next one replaces."""


@dataclass(frozen=True)
class Step:
    """One thing the installer does.

    Args:
        key: Name of its stamp.
        title: What the person reads.
        run: Does it and returns a few words about the outcome.
        state: Fingerprint of all it depends on; asked when its turn comes. None runs the step every time.
        present: Whether its outcome is still there; a stamp alone proves nothing.
    """

    key: str
    title: str
    run: Callable[[Say], str]
    state: Callable[[], str] | None = None
    present: Callable[[], bool] = lambda: True


class Stamps:
    """Which steps were done, with the state they were done for and their words; one small JSON file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def words_for(self, key: str, state: str) -> str | None:
        """The outcome's words, or None if the step was never done for this state."""
        entry = self._read().get(key)
        return entry[1] if entry and entry[0] == state else None

    def put(self, key: str, state: str, words: str) -> None:
        entries = {**self._read(), key: (state, words)}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_suffix(".part")
        temporary.write_text(json.dumps(entries, indent=1), encoding="utf-8")
        temporary.replace(self._path)

    def _read(self) -> dict[str, tuple[str, str]]:
        try:
            entries: object = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return cast("dict[str, tuple[str, str]]", entries) if isinstance(entries, dict) else {}


def run_steps(steps: Sequence[Step], stamps: Callable[[], Stamps], out: TextIO | None = None) -> None:
    """Do every step in order. What a step raises passes through; the finished ones keep their stamps.

    Args:
        stamps: Asked at every step, because the file lives in a folder that an early step makes.
    """
    shown = out or sys.stdout
    for number, step in enumerate(steps, 1):
        label = f"[{number}/{len(steps)}] {step.title:<22}"
        start = time.monotonic()
        _show(shown, f"{label} ...")
        state = step.state() if step.state else None
        words = stamps().words_for(step.key, state) if state is not None and step.present() else None
        if words is None:
            words = step.run(lambda note, label=label: _show(shown, f"{label} {note}"))
            if state is not None:
                stamps().put(step.key, step.state() if step.state else state, words)
        else:
            words = f"{words} (already done)"
        _finish(shown, f"{label} {words}  [{time.monotonic() - start:.1f} s]")


def fingerprint(parts: Iterable[str | bytes]) -> str:
    """A short hash of all parts; their borders count."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


def fingerprint_files(folders: Iterable[Path]) -> str:
    """Changes when a file under the folders (or a named file) is added, removed or written."""
    parts: list[str] = []
    for folder in folders:
        files = [folder] if folder.is_file() else sorted(folder.rglob("*"))
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                stat = file.stat()
                parts.append(f"{file}:{stat.st_size}:{stat.st_mtime_ns}")
    return fingerprint(parts)


def _show(out: TextIO, line: str) -> None:
    if out.isatty():
        width = shutil.get_terminal_size().columns - 1
        out.write(f"\r\x1b[K{line[:width]}")
        out.flush()


def _finish(out: TextIO, line: str) -> None:
    out.write(f"\r\x1b[K{line}\n" if out.isatty() else f"{line}\n")
    out.flush()
