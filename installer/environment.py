# SPDX-License-Identifier: GPL-3.0-or-later
"""The ground everything stands on: Python, room on the disk, and the virtual environment."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from shared.errors import Refusal

OLDEST_PYTHON = (3, 11)

ROOM_GIB = {"cpu": 3.0, "mps": 3.0, "cuda": 9.0, "rocm": 22.0, "xpu": 9.0}
"""Free space that an installation takes at its peak: the downloaded packages and the unpacked ones."""

ROOM_AGAIN_GIB = 0.3
"""Free space that a repeated run wants: pictures, logs and what the painter does next."""


def default_home() -> Path:
    """The folder of state, logs and caches, where the backend looks for it too."""
    if chosen := os.environ.get("UNDERDRAWING_HOME"):
        return Path(chosen).expanduser().absolute()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "underdrawing"


def venv_python(venv: Path) -> Path:
    return venv / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def check_python() -> str:
    """What Python this is.

    Raises:
        Refusal: `no_python`, too old or without its venv module.
    """
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info[:2] < OLDEST_PYTHON:
        raise Refusal(
            f"This is Python {version}; Underdrawing needs 3.11 or newer.",
            "Install a newer Python (python.org, your package manager) and run install.py with it: "
            "python3.11 install.py",
            code="no_python",
        )
    if sys.maxsize < 2**32:
        raise Refusal(
            "This is a 32-bit Python; torch has no builds for it.",
            "Install the 64-bit Python from python.org.",
            code="no_python",
        )
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        raise Refusal(
            f"This Python has no {' and no '.join(missing)}, so it cannot make a virtual environment.",
            f"On Debian or Ubuntu: sudo apt install {package}. Then run install.py again.",
            code="no_python",
        )
    return version


def check_room(folder: Path, needed_gib: float) -> str:
    """How much room there is on the folder's disk.

    Raises:
        Refusal: `disk_full`.
    """
    free_gib = shutil.disk_usage(_existing(folder)).free / 2**30
    if free_gib < needed_gib:
        raise Refusal(
            f"{folder} has {free_gib:.1f} GiB free, and installing takes {needed_gib:.1f} GiB.",
            "Free some space on that disk, or move the Underdrawing folder to a larger one.",
            code="disk_full",
        )
    return f"{free_gib:.0f} GiB free, {needed_gib:.1f} needed"


def make_venv(venv: Path) -> str:
    """Make the virtual environment, or keep a working one.

    Raises:
        Refusal: `bad_folder`, something else lies there; `read_only`, the folder cannot be written;
            `no_venv`, Python could not make one.
    """
    if venv.exists() and not (venv / "pyvenv.cfg").exists() and any(venv.iterdir()):
        raise Refusal(
            f"{venv} exists and is not a virtual environment.",
            "Move it away, then run install.py again.",
            code="bad_folder",
        )
    if works(venv):
        return python_of(venv)
    if not os.access(venv.parent, os.W_OK):
        raise Refusal(
            f"{venv.parent} cannot be written by you.",
            "Copy the Underdrawing folder into your own home folder and run install.py there.",
            code="read_only",
        )
    command = [sys.executable, "-m", "venv", "--clear", str(venv)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode != 0 or not works(venv):
        raise Refusal(
            f"Python could not make {venv}: {last_line(made.stdout + made.stderr)}",
            f"On Debian or Ubuntu: sudo apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv. "
            "Then run install.py again.",
            code="no_venv",
        )
    return python_of(venv)


def works(venv: Path) -> bool:
    """Whether the environment's own Python starts, is new enough and has pip."""
    if not venv_python(venv).exists():
        return False
    code = f"import sys, pip; sys.exit(sys.version_info[:2] < {OLDEST_PYTHON!r})"
    try:
        answer = subprocess.run([venv_python(venv), "-c", code], capture_output=True, check=False)
    except OSError:
        return False
    return answer.returncode == 0


def python_of(venv: Path) -> str:
    """Version of the Python that the environment was made from, such as "Python 3.11.7"."""
    for line in (venv / "pyvenv.cfg").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition("=")
        if key.strip() in ("version", "version_info"):
            return f"Python {value.strip()}"
    return "Python of unknown version"


def site_packages(venv: Path) -> Path:
    """Where the environment's packages lie.

    Raises:
        Refusal: `no_venv`.
    """
    pattern = "Lib/site-packages" if sys.platform == "win32" else "lib/python3*/site-packages"
    for folder in sorted(venv.glob(pattern)):
        return folder
    raise Refusal(f"{venv} has no packages.", "Run: python3 install.py", code="no_venv")


def last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing."


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder
