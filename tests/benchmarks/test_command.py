# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import importlib

import pytest

from benchmarks.goals import GOALS


@pytest.mark.parametrize("name", GOALS)
def test_every_benchmark_that_has_goals_is_there(name: str) -> None:
    assert callable(importlib.import_module(f"benchmarks.{name}").run)
