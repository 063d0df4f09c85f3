# SPDX-License-Identifier: GPL-3.0-or-later
"""A backend with the tests' own Perform: `python -m tests.backend.server.program HOME [--owned] ...`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from backend.server.serve import Server, Settings
from backend.server.state import AlreadyRunning
from shared.errors import Refusal
from shared.messages import FamilyInfo

FAMILY = FamilyInfo("embedded", "Embedded", 256, 20, 2.5, ready=True)


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
    settings = Settings(**folders, **given, families=lambda: (FAMILY,))
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
