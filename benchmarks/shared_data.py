# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the photographs and drawings by people lie that benchmarks read and the repository does not hold."""

from __future__ import annotations

import os
from pathlib import Path

BESIDE = Path(__file__).parents[2] / "shared" / "data"
"""Next to the repository."""

SETTING = "UNDERDRAWING_DATA"


def shared_data() -> Path:
    """The folder `../shared/data`, or what the environment names in its place; it may not be there."""
    named = os.environ.get(SETTING)
    return Path(named) if named else BESIDE
