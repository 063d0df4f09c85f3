# SPDX-License-Identifier: GPL-3.0-or-later
"""The weights that ship: compare them with models/catalogue.toml and put damaged ones back."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from shared.errors import MissingWeights


def check_weights(root: Path) -> str:
    """Compare every weight file of the catalogue, and fetch bad ones out of the repository again.

    Raises:
        MissingWeights: a file is missing or damaged and cannot be put back.
    """
    bad = list(damaged(root))
    if bad and _restore(root, bad):
        still = list(damaged(root))
        if not still:
            return f"{len(bad)} damaged or missing, put back"
        bad = still
    if bad:
        raise MissingWeights(
            f"{bad[0]} is missing or damaged.",
            "Download Underdrawing again (git clone, or the release's archive) and run install.py there.",
        )
    return f"{len(list(_listed(root)))} files as the catalogue says"


def damaged(root: Path) -> Iterator[str]:
    """Weight files, by their path below the root, that are missing or differ from the catalogue."""
    for name, wanted in _listed(root):
        file = root / name
        if not file.is_file() or _sha256(file) != wanted:
            yield name


def _listed(root: Path) -> Iterator[tuple[str, str]]:
    import tomllib  # not in Pythons that check_python turns away in words

    catalogue = root / "models" / "catalogue.toml"
    try:
        families = cast("dict[str, dict[str, Any]]", tomllib.loads(catalogue.read_text("utf-8"))["families"])
    except (OSError, tomllib.TOMLDecodeError, KeyError) as fault:
        raise MissingWeights(
            f"{catalogue} cannot be read ({fault}).", "Download Underdrawing again and run install.py there."
        ) from fault
    for family in families.values():
        for name, digest in cast("dict[str, str]", family.get("files", {})).items():
            yield f"models/{family['path']}/{name}", digest


def _restore(root: Path, names: list[str]) -> bool:
    """Take files from git's own store; only where the catalogue is the committed one."""
    if shutil.which("git") is None or not (root / ".git").exists():
        return False
    git = ["git", "-C", str(root)]
    same = subprocess.run([*git, "diff", "--quiet", "HEAD", "--", "models/catalogue.toml"], check=False)
    if same.returncode != 0:
        return False
    put_back = subprocess.run([*git, "checkout", "HEAD", "--", *names], capture_output=True, check=False)
    return put_back.returncode == 0


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
