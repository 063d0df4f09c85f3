# SPDX-License-Identifier: GPL-3.0-or-later
"""Benchmarks are tried on the same small families as the acts."""

from tests.backend.conftest import families, model, models

__all__ = ["families", "model", "models"]
