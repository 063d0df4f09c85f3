# SPDX-License-Identifier: GPL-3.0-or-later
"""What is recognised of made-up headers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from backend.weights.files.recognise import recognise
from benchmarks.model_headers import Shapes, write_header


def seen(folder: Path, shapes: Shapes, name: str = "some.safetensors", **notes: str) -> dict[str, Any]:
    """What is recognised, without what was not said."""
    found = vars(recognise(write_header(folder / name, shapes, notes)))
    return {
        key: value for key, value in found.items() if value and key not in ("path", "title", "size_bytes")
    }


def changed(shapes: Shapes, pattern: str, name: str) -> Shapes:
    return {re.sub(pattern, name, key): shape for key, shape in shapes.items()}
