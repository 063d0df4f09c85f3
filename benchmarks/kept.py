# SPDX-License-Identifier: GPL-3.0-or-later
"""Results kept between runs, under keys of all that they depend on: code, weights, data and effort."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend import home

REPO = Path(__file__).parents[1]
ROOMS = ("backend", "benchmarks", "models", "shared")
"""Packages of this repository whose code counts."""


def key_of(parts: Iterable[str]) -> str:
    """One short name of many things."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


@cache
def code_key(module: str) -> str:
    """Of a module's source and of all in this repository that it imports, itself or through others."""
    return key_of(part for path in sources(module) for part in (path.name, path.read_text("utf-8")))


def sources(module: str) -> list[Path]:
    """Files of a module and of all that it imports from this repository, in order."""
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = _file(name)
        if name in found or path is None:
            continue
        found[name] = path
        waiting += _imported(name, path)
    return [found[name] for name in sorted(found)]


def file_key(*files: Path) -> str:
    """Of the contents of files; one that is missing counts as such."""
    return key_of(hashlib.sha256(f.read_bytes()).hexdigest() if f.is_file() else "missing" for f in files)


class Kept:
    """A folder of results in the backend's home.

    Args:
        name: Of the benchmark.
        key: Of what all of these results depend on.
    """

    def __init__(self, name: str, key: str) -> None:
        self.folder, self.key = home.home() / "caches" / "bench" / name, key

    def pictures(self, name: str, make: Callable[[], Sequence[NDArray[np.uint8]]]) -> list[NDArray[np.uint8]]:
        """Pictures of one size, made now or kept from before."""
        path = self._path(name, ".npz")
        if not path.is_file():
            self._write(path, lambda part: np.savez_compressed(part, pictures=np.stack(list(make()))))
        with np.load(path, allow_pickle=False) as file:
            return list(file["pictures"])

    def numbers(self, name: str, make: Callable[[], Any]) -> Any:
        """Anything that JSON can hold, made now or kept from before."""
        path = self._path(name, ".json")
        if not path.is_file():
            made = json.dumps(make())
            self._write(path, lambda part: part.write_text(made))
        return json.loads(path.read_text())

    def _path(self, name: str, ending: str) -> Path:
        return self.folder / f"{name}-{self.key}{ending}"

    def _write(self, path: Path, write: Callable[[Path], object]) -> None:
        """Whole, or not at all; what was kept under the same name for another key goes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"part-{path.name}")
        write(part)
        name, key = path.stem.rsplit("-", 1)
        for old in self.folder.glob(f"{name}-????????????????{path.suffix}"):
            if old.stem.rsplit("-", 1) != [name, key]:
                old.unlink(missing_ok=True)
        part.replace(path)


def _file(module: str) -> Path | None:
    if module.split(".")[0] not in ROOMS:
        return None
    stem = REPO.joinpath(*module.split("."))
    for path in (stem.with_suffix(".py"), stem / "__init__.py"):
        if path.is_file():
            return path
    return None


def _imported(name: str, path: Path) -> list[str]:
    """Names that a file imports, wherever in it; of `from a import b` both a and a.b."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            names += [source, *(f"{source}.{alias.name}" for alias in node.names)]
    return names
