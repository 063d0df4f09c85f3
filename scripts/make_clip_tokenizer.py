#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take CLIP's byte-pair merges out of the package open_clip_torch into models/clip_tokenizer.

    .venv/bin/python scripts/make_clip_tokenizer.py [open_clip_torch-x.whl]

Without a file the package is fetched from PyPI. Only the merges are kept: the vocabulary follows from them.
"""

from __future__ import annotations

import gzip
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

REPO = Path(__file__).parents[1]
TARGET = REPO / "models" / "clip_tokenizer"
PACKAGE = "open_clip_torch==3.3.0"
SOURCE = "open_clip/bpe_simple_vocab_16e6.txt.gz"

MERGES = 48894
"""CLIP's 49408 tokens are 256 bytes, the same at a word's end, these merges, and two marks."""


def fetched(folder: Path) -> Path:
    """The package as a wheel, from PyPI.

    Raises:
        subprocess.CalledProcessError: pip could not fetch it.
    """
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--dest",
        str(folder),
        PACKAGE,
    ]
    subprocess.run(command, check=True)
    return next(folder.glob("*.whl"))


def write(wheel: Path) -> None:
    """Write the merges and the licence that they came under."""
    with zipfile.ZipFile(wheel) as package:
        lines = gzip.decompress(package.read(SOURCE)).decode("utf-8").split("\n")
        licence = next(name for name in package.namelist() if name.endswith("LICENSE"))
        words = package.read(licence).decode("utf-8")
    merges = lines[1 : MERGES + 1]  # the first line is a version
    if len(merges) != MERGES or any(len(line.split()) != 2 for line in merges):
        raise ValueError(f"{wheel.name} holds other merges than CLIP's")
    TARGET.mkdir(exist_ok=True)
    packed = gzip.compress("\n".join(merges).encode("utf-8"), 9, mtime=0)
    (TARGET / "merges.txt.gz").write_bytes(packed)
    note = "merges.txt.gz: the first 48894 merges of bpe_simple_vocab_16e6.txt, made by OpenAI for CLIP\n"
    note += f"(MIT), taken from the package {PACKAGE} (MIT), unchanged. Its licence:\n\n"
    (TARGET / "LICENCE").write_text(note + words, encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:]:
        write(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            write(fetched(Path(folder)))
