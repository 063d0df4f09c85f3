# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from backend.weights.files.catalogue import read_catalogue, sha256
from shared.errors import MissingWeights

LISTING = """
[families.tiny]
title = "Tiny"
path = "tiny"
resolution = 64
steps = 3
guidance = 2.0
licence = "CC0-1.0"
adapters = { contour = "adapters/contour" }
[families.tiny.files]
"unet/a.safetensors" = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
"""


def write(root: Path, weights: bytes | None = b"hello") -> Path:
    (root / "catalogue.toml").write_text(LISTING)
    (root / "tiny/unet").mkdir(parents=True)
    (root / "tiny/model_index.json").write_text("{}")
    if weights is not None:
        (root / "tiny/unet/a.safetensors").write_bytes(weights)
    return root / "catalogue.toml"


def test_reads_what_stands_there(tmp_path: Path) -> None:
    family = read_catalogue(write(tmp_path))["tiny"]
    assert (family.id, family.title, family.folder) == ("tiny", "Tiny", tmp_path / "tiny")
    assert (family.resolution, family.steps, family.guidance) == (64, 3, 2.0)
    assert family.encoders == {"contour": "adapters/contour"}
    assert family.missing() == ()
    family.verify()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    family = read_catalogue(write(tmp_path, None))["tiny"]
    assert family.missing() == ("unet/a.safetensors",)
    with pytest.raises(MissingWeights, match=r"unet/a\.safetensors is missing.*install\.py"):
        family.verify()


def test_a_changed_byte_is_found(tmp_path: Path) -> None:
    with pytest.raises(MissingWeights, match="damaged"):
        read_catalogue(write(tmp_path, b"hellp"))["tiny"].verify()


@pytest.mark.parametrize("text", ["", "families = 3", "[families.x]\ntitle = 'no path'", "[[", "\0"])
def test_a_catalogue_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "catalogue.toml").write_text(text)
    with pytest.raises(MissingWeights, match="cannot be read"):
        read_catalogue(tmp_path / "catalogue.toml")
    with pytest.raises(MissingWeights):
        read_catalogue(tmp_path / "absent.toml")


def test_large_files_are_hashed_in_pieces(tmp_path: Path) -> None:
    data = b"x" * 3_000_000
    (tmp_path / "a").write_bytes(data)
    assert sha256(tmp_path / "a") == hashlib.sha256(data).hexdigest()
