# SPDX-License-Identifier: GPL-3.0-or-later
"""What one needs to know about a machine to help with it. Works when nothing else does."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from installer import environment, krita
from shared.version import PROTOCOL, VERSION

PACKAGES = ("torch", "diffusers", "transformers", "peft", "safetensors", "websockets", "msgpack", "numpy")
LOG_LINES = 15


def lines(root: Path, venv: Path, home: Path, places: Sequence[krita.Place]) -> list[str]:
    """The report, without names of the person: their home folder is written ~."""
    shown = [
        f"Underdrawing {VERSION} (protocol {PROTOCOL}), commit {_commit(root)}",
        *_system(),
        *_room(root, home),
        *_environment(venv),
        *_krita(places),
        *_log(home / "logs" / "install.log"),
    ]
    return [anonymous(line) for line in shown]


def anonymous(line: str) -> str:
    """The line with the person's home folder, which often holds their name, written ~."""
    person = str(Path.home())
    return line.replace(person, "~") if len(person) > 1 else line


def _system() -> Iterator[str]:
    yield f"system       {platform.platform()}, {platform.machine()}, {os.cpu_count()} cores"
    yield f"python       {platform.python_version()} ({platform.python_implementation()})"
    query = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    yield f"NVIDIA       {_output(query) or 'none'}"
    if platform.system() == "Linux":
        yield f"AMD          /dev/kfd {_yes(Path('/dev/kfd'))}, /opt/rocm {_yes(Path('/opt/rocm'))}"


def _room(*folders: Path) -> Iterator[str]:
    for folder in folders:
        if folder.exists():
            yield f"disk         {shutil.disk_usage(folder).free / 2**30:.1f} GiB free at {folder}"
        else:
            yield f"disk         {folder} does not exist yet"


def _environment(venv: Path) -> Iterator[str]:
    if not environment.works(venv):
        yield f"environment  {venv} is missing or broken"
        return
    yield f"environment  {venv}, {environment.python_of(venv)}"
    folder = environment.site_packages(venv)
    for package in PACKAGES:
        found = [info.name.removesuffix(".dist-info") for info in folder.glob(f"{package}-*.dist-info")]
        yield f"  {', '.join(found) or f'{package} is not installed'}"


def _krita(places: Sequence[krita.Place]) -> Iterator[str]:
    if not places:
        yield "Krita        not found"
        return
    yield f"Krita        {_krita_program()}"
    for place in places:
        state = "there" if krita.is_installed(place) else "missing"
        yield f"  {place.words}: {place.resources}, plugin {state}"
        if place.kritarc and place.kritarc.exists():
            text = place.kritarc.read_text(encoding="utf-8", errors="replace")
            yield f"    switched {'on' if f'{krita.KRITARC_LINE}=true' in text else 'off'} in {place.kritarc}"


def _krita_program() -> str:
    program = shutil.which("krita")
    if program is None:
        return "its program is not on the path"
    if platform.system() == "Linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return f"{program} (it tells its version on a screen only)"
    return f"{program} {_output([program, '--version'])}"


def _log(log: Path) -> Iterable[str]:
    if not log.exists():
        return [f"install log  {log} does not exist"]
    tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
    return [f"install log  {log}, last lines:", *(f"  | {line}" for line in tail)]


def _commit(root: Path) -> str:
    return _output(["git", "-C", str(root), "rev-parse", "--short", "HEAD"]) or "unknown"


def _yes(path: Path) -> str:
    return "yes" if path.exists() else "no"


def _output(command: Sequence[str]) -> str:
    if shutil.which(command[0]) is None:
        return ""
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip().splitlines()[0] if answer.returncode == 0 and answer.stdout.strip() else ""
