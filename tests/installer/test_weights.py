# SPDX-License-Identifier: GPL-3.0-or-later
"""Shipped weights: compared with the catalogue, and put back from the repository when damaged."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from installer.weights import check_weights, damaged
from shared.errors import MissingWeights

WEIGHT = b"weights" * 1000


def _git(root: Path, *arguments: str) -> None:
    person = ["-c", "user.name=painter", "-c", "user.email=painter@example.org"]
    subprocess.run(["git", "-C", str(root), *person, *arguments], check=True, capture_output=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A program's folder with one family of one weight file."""
    folder = tmp_path / "models" / "small" / "unet"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(WEIGHT)
    digest = hashlib.sha256(WEIGHT).hexdigest()
    (tmp_path / "models" / "catalogue.toml").write_text(
        f'[families.small]\npath = "small"\n[families.small.files]\n"unet/model.safetensors" = "{digest}"\n'
    )
    return tmp_path


def test_good_weights_are_counted(root: Path) -> None:
    assert check_weights(root) == "1 files as the catalogue says"
    assert list(damaged(root)) == []


@pytest.mark.parametrize("damage", ["gone", "cut", "changed"])
def test_damaged_weights_come_back_from_the_repository(root: Path, damage: str) -> None:
    _git(root, "init")
    _git(root, "add", ".")
    _git(root, "commit", "-m", "all")
    file = root / "models/small/unet/model.safetensors"
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(WEIGHT[:-1] if damage == "cut" else WEIGHT[:-1] + b"!")
    assert check_weights(root) == "1 damaged or missing, put back"
    assert file.read_bytes() == WEIGHT


def test_without_a_repository_the_person_is_told(root: Path) -> None:
    (root / "models/small/unet/model.safetensors").unlink()
    with pytest.raises(MissingWeights, match=r"model\.safetensors is missing or damaged\. Download"):
        check_weights(root)


def test_weights_in_the_making_are_never_overwritten(root: Path) -> None:
    _git(root, "init")
    _git(root, "add", ".")
    _git(root, "commit", "-m", "all")
    file = root / "models/small/unet/model.safetensors"
    file.write_bytes(b"new")
    catalogue = root / "models/catalogue.toml"
    catalogue.write_text(catalogue.read_text().replace("small", "small", 1) + "# being written\n")
    with pytest.raises(MissingWeights):
        check_weights(root)
    assert file.read_bytes() == b"new"


def test_an_unreadable_catalogue_is_told(root: Path) -> None:
    (root / "models/catalogue.toml").write_text("[families")
    with pytest.raises(MissingWeights, match="cannot be read"):
        check_weights(root)
