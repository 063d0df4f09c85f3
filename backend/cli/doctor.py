# SPDX-License-Identifier: GPL-3.0-or-later
"""`underdrawing doctor`: one report to paste into a bug tracker, without secrets and without your name."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import typer

from backend import home
from installer import krita, report
from shared.errors import Refusal

ROOT = Path(__file__).resolve().parents[2]
LOG_LINES = 20


def doctor_command() -> None:
    """Print one report about this installation."""
    healthy = True
    for line in report.lines(ROOT, Path(sys.prefix), home.home(), krita.find_places(krita.this_system())):
        print(line)
    for title, section in SECTIONS.items():
        try:
            for line in section():
                print(report.anonymous(f"{title:<12} {line}"))
        except Refusal as refusal:
            healthy = False
            print(report.anonymous(f"{title:<12} NOT WELL: {refusal}"))
        except Exception as fault:  # noqa: BLE001 - the report is for broken installations: it goes on and tells
            healthy = False
            print(report.anonymous(f"{title:<12} BROKEN: {type(fault).__name__}: {fault}"))
    print("\nAll is well." if healthy else "\nSomething is wrong; see the lines in capitals.")
    if not healthy:
        raise typer.Exit(1)


def _home() -> Iterator[str]:
    folder = home.home()
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) if folder.exists() else 0
    yield f"{folder}, {size / 2**20:.0f} MiB, downloads {'forbidden' if home.is_offline() else 'allowed'}"


def _device() -> Iterator[str]:
    from backend.weights.runtime import device  # torch takes seconds; only here

    chosen = device.choose_device()
    free = device.free_mib(chosen)
    room = f"{free} MiB free" if free is not None else "free memory unknown"
    yield f"{chosen} of {', '.join(device.available())}; {device.choose_dtype(chosen)}; {room}"


def _families() -> Iterator[str]:
    from backend.weights.files.catalogue import read_catalogue

    for family in read_catalogue().values():
        family.verify()
        yield f"{family.id}: {family.resolution} px, {len(family.files)} files as the catalogue says"


def _lines() -> Iterator[str]:
    from backend.weights.files.catalogue import verify_completion, verify_extractor

    yield f"line extractor: {verify_extractor()} file as the catalogue says"
    yield f"instant engine: {verify_completion()} file as the catalogue says"


def _backend() -> Iterator[str]:
    state = home.run_dir() / "backend.json"
    if not state.exists():
        yield "not running"
        return
    port = int(json.loads(state.read_text(encoding="utf-8"))["port"])
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
        yield f"running, port {port}"
    except OSError as fault:
        yield f"not running, though {state} names port {port} ({fault}); the next start clears this up"


def _logs() -> Iterator[str]:
    for log in sorted(home.logs_dir().glob("*.log")):
        if log.name != "install.log":
            yield f"{log}, last lines:"
            tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
            yield from (f"  | {line}" for line in tail)


SECTIONS: dict[str, Callable[[], Iterator[str]]] = {
    "home": _home,
    "device": _device,
    "family": _families,
    "lines": _lines,
    "backend": _backend,
    "log": _logs,
}
