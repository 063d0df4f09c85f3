# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Krita keeps its things on every system, and how the plugin gets in there and out again."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from installer.environment import site_packages, venv_python
from shared.errors import Refusal

NAME = "underdrawing"
KRITARC_LINE = f"enable_{NAME}"
VENDORED = ("websockets", "msgpack")
PURE = ("*.py", "py.typed")


@dataclass(frozen=True)
class Place:
    """One Krita of this user.

    Args:
        words: How it was installed, for the person.
        resources: The folder that holds `pykrita`.
        kritarc: Krita's settings file; None where it is not known (a folder named by hand).
    """

    words: str
    resources: Path
    kritarc: Path | None


@dataclass(frozen=True)
class System:
    """What decides where Krita's folders are; tests give another one."""

    platform: str
    home: Path
    environment: Mapping[str, str]
    has_program: bool


def this_system() -> System:
    programs = [Path("C:/Program Files/Krita (x64)/bin/krita.exe"), Path("/Applications/krita.app")]
    found = shutil.which("krita") is not None or any(program.exists() for program in programs)
    return System(sys.platform, Path.home(), os.environ, found)


def find_places(system: System) -> list[Place]:
    """Every Krita of this user: native or AppImage, Flatpak, Snap, Windows, macOS."""
    home, env = system.home, system.environment
    if system.platform == "win32":
        roaming = Path(env.get("APPDATA") or home / "AppData" / "Roaming")
        local = Path(env.get("LOCALAPPDATA") or home / "AppData" / "Local")
        known = [(Place("Windows", roaming / "krita", local / "kritarc"), roaming / "krita")]
    elif system.platform == "darwin":
        support = home / "Library" / "Application Support" / "krita"
        known = [(Place("macOS", support, home / "Library" / "Preferences" / "kritarc"), support)]
    else:
        data = Path(env.get("XDG_DATA_HOME") or home / ".local" / "share") / "krita"
        config = Path(env.get("XDG_CONFIG_HOME") or home / ".config")
        flatpak = home / ".var" / "app" / "org.kde.krita"
        snap = home / "snap" / "krita" / "current"
        known = [
            (Place("native or AppImage", data, config / "kritarc"), data),
            (Place("Flatpak", flatpak / "data" / "krita", flatpak / "config" / "kritarc"), flatpak),
            (Place("Snap", snap / ".local" / "share" / "krita", snap / ".config" / "kritarc"), snap),
        ]
    places = [place for place, sign in known if sign.exists()]
    if system.has_program and known[0][0] not in places:
        places.insert(0, known[0][0])
    return places


def named_place(resources: Path) -> Place:
    """A resource folder that the person named; its kritarc is known if the folder has Linux's usual shape."""
    resources = resources.expanduser().absolute()
    kritarc = None
    if resources.parts[-3:] == (".local", "share", "krita"):
        kritarc = resources.parents[2] / ".config" / "kritarc"
    return Place("named by you", resources, kritarc)


def install_plugin(place: Place, root: Path, venv: Path, home: Path) -> None:
    """Copy the plugin, what it needs, and the way back to the backend; switch it on.

    The folder appears whole or not at all, and no other plugin is touched.

    Raises:
        Refusal: `read_only`, Krita's folder cannot be written.
    """
    pykrita = place.resources / "pykrita"
    with _told(place.resources):
        pykrita.mkdir(parents=True, exist_ok=True)
        (place.resources / "actions").mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{NAME}-", dir=pykrita) as folder:
            staged = Path(folder) / NAME
            _assemble(staged, root, venv)
            note = {"python": str(venv_python(venv)), "root": str(root), "home": str(home)}
            (staged / "install.json").write_text(json.dumps(note, indent=1), encoding="utf-8")
            old = Path(folder) / "old"
            if (pykrita / NAME).exists():
                (pykrita / NAME).rename(old)
            staged.rename(pykrita / NAME)
        _copy_whole(root / "krita_plugin" / f"{NAME}.desktop", pykrita / f"{NAME}.desktop")
        _copy_whole(root / "krita_plugin" / f"{NAME}.action", place.resources / "actions" / f"{NAME}.action")
        if place.kritarc:
            _rewrite(place.kritarc, enabled)


def remove_plugin(place: Place) -> bool:
    """Take the plugin out again; whether there was one.

    Raises:
        Refusal: `read_only`.
    """
    folder = place.resources / "pykrita" / NAME
    files = [folder.with_suffix(".desktop"), place.resources / "actions" / f"{NAME}.action"]
    there = folder.exists() or any(file.exists() for file in files)
    with _told(place.resources):
        if folder.exists():
            shutil.rmtree(folder)
        for file in files:
            file.unlink(missing_ok=True)
        if place.kritarc and place.kritarc.exists():
            _rewrite(place.kritarc, disabled)
    return there


def is_installed(place: Place) -> bool:
    return (place.resources / "pykrita" / NAME / "install.json").exists()


def enabled(kritarc: str) -> str:
    """The settings with the plugin switched on; every other byte as it was."""
    line_end = "\r\n" if "\r\n" in kritarc else "\n"
    text = disabled(kritarc)
    group = re.search(r"^\[python\]\r?$", text, re.MULTILINE)
    if group is None:
        gap = "" if not text or text.endswith("\n") else line_end
        blank = line_end if text else ""
        return f"{text}{gap}{blank}[python]{line_end}{KRITARC_LINE}=true{line_end}"
    if group.end() == len(text):
        text += line_end
    after = text.index("\n", group.start()) + 1
    return f"{text[:after]}{KRITARC_LINE}=true{line_end}{text[after:]}"


def disabled(kritarc: str) -> str:
    """The settings without our line; every other byte as it was."""
    kept: list[str] = []
    group = ""
    for line in kritarc.splitlines(keepends=True):
        if line.startswith("["):
            group = line.strip()
        if group == "[python]" and line.partition("=")[0].strip() == KRITARC_LINE:
            continue
        kept.append(line)
    return "".join(kept)


def _assemble(staged: Path, root: Path, venv: Path) -> None:
    """Our plugin, `shared` and the pure-Python packages, in one folder."""
    skip = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(root / "krita_plugin" / NAME, staged, ignore=skip)
    shutil.copytree(root / "shared", staged / "shared", ignore=skip)
    _copy_whole(root / "LICENSE", staged / "LICENSE")
    vendor = staged / "vendor"
    vendor.mkdir(exist_ok=True)
    (vendor / "__init__.py").write_text('"""Packages of others, unchanged, pure Python; see licences."""\n')
    (vendor / "licences").mkdir(exist_ok=True)
    packages = site_packages(venv)
    for name in VENDORED:
        _copy_pure(packages / name, vendor / name)
        for licence in sorted(packages.glob(f"{name}-*.dist-info/licenses/*")):
            _copy_whole(licence, vendor / "licences" / f"{name}-{licence.name}.txt")


def _copy_pure(package: Path, target: Path) -> None:
    """A package without its compiled parts, which fit one Python only.

    Raises:
        Refusal: `missing_package`.
    """
    if not package.is_dir():
        raise Refusal(
            f"The environment has no {package.name}.", "Run: python3 install.py", code="missing_package"
        )
    for pattern in PURE:
        for file in sorted(package.rglob(pattern)):
            copy = target / file.relative_to(package)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)


def _copy_whole(source: Path, target: Path) -> None:
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(source, part)
    part.replace(target)


def _rewrite(kritarc: Path, change: Callable[[str], str]) -> None:
    """Change the settings file in one stroke; bytes that are no UTF-8 survive."""
    target = kritarc.resolve()
    before = target.read_bytes().decode("utf-8", "surrogateescape") if target.exists() else ""
    after = change(before)
    if after == before:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    part.write_bytes(after.encode("utf-8", "surrogateescape"))
    if target.exists():
        shutil.copymode(target, part)
    part.replace(target)


@contextmanager
def _told(resources: Path) -> Generator[None]:
    try:
        yield
    except PermissionError as error:
        raise Refusal(
            f"Krita's folder {resources} cannot be written: {error}.",
            "Close Krita, check that the folder belongs to you, and run install.py again; "
            "or name another folder with --krita-resources.",
            code="read_only",
        ) from error
