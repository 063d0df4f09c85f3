# SPDX-License-Identifier: GPL-3.0-or-later
"""A backend with the tests' own Perform: `python -m tests.backend.server.program HOME [--owned] ...`."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

from backend.server.models import Grown
from backend.server.serve import Server, Settings
from backend.server.state import AlreadyRunning
from shared.errors import BadRequest, Refusal
from shared.library_messages import LearntEntry
from shared.messages import FamilyInfo
from shared.model_messages import ModelInfo, ModelProgress, Models

FAMILY = FamilyInfo("embedded", "Embedded", 256, 20, 2.5, ready=True)


class TestShelf:
    """One model, "slow", of a hundred bytes that come ten a tenth of a second; "none" cannot be had."""

    __test__ = False

    def __init__(self) -> None:
        self.folders: tuple[str, ...] = ()

    def models(self) -> Models:
        slow = ModelInfo("Slow", "checkpoint", "SD 1.5", 100, "ready" if GOT else "missing", id="slow")
        return Models(self.folders, (slow,), "/models")

    def use_folder(self, folder: str, use: bool) -> None:
        if not Path(folder).is_dir():
            raise BadRequest(f"There is no folder {folder}.", "Choose another.")
        self.folders = (*self.folders, folder) if use else ()

    def get(self, id: str, grown: Grown, check: Callable[[], None]) -> None:
        if id != "slow":
            raise BadRequest(f"There is no model {id}.", "Choose another.")
        for done in range(0, 101, 10):
            check()
            grown(ModelProgress(id, True, done, 100))
            time.sleep(0.1)
        GOT.append(id)


class TestStyles:
    """Begins with a style that ships; a file that is taken up holds nothing but a title."""

    __test__ = False

    def __init__(self) -> None:
        self.own: dict[str, str] = {}

    def read(self) -> tuple[tuple[LearntEntry, ...], str]:
        own = (LearntEntry(id, title, False, 1000, b"png") for id, title in self.own.items())
        return (LearntEntry("fine", "Fineliner", True), *own), ""

    def rename(self, style: str, title: str) -> None:
        self.delete(style)
        self.own[style] = title

    def delete(self, style: str) -> None:
        if style not in self.own:
            raise BadRequest(f"There is no style {style}.", "Choose another.")
        del self.own[style]

    def export(self, style: str, path: str) -> None:
        Path(path).write_text(self.own[style])

    def take(self, path: str) -> str:
        self.own["taken"] = Path(path).read_text()
        return "taken"


GOT: list[str] = []


def families() -> tuple[FamilyInfo, ...]:
    return (FAMILY, FamilyInfo("slow", "Slow", 512, 20, 7.5, ready=True)) if GOT else (FAMILY,)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("--owned", action="store_true")
    parser.add_argument("--target", default="tests.backend.jobs.performs:perform")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls-cert", type=Path)
    parser.add_argument("--tls-key", type=Path)
    given = vars(parser.parse_args())
    folder: Path = given.pop("home")
    folders = {name: folder / name for name in ("run", "jobs", "logs")}
    for path in folders.values():
        path.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        **folders, **given, families=families, shelf=TestShelf(), library={"style": TestStyles()}
    )
    try:
        asyncio.run(Server(settings).run(lambda state: print(state.port, flush=True)))
    except AlreadyRunning as running:
        print(running)
    except Refusal as refusal:
        print(refusal.code, refusal, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
