# SPDX-License-Identifier: GPL-3.0-or-later
"""The studio: endless painted pictures with exact truth, deterministic by seed."""

from models.recipes.studio.sample import CATEGORIES, Sample, render
from models.recipes.studio.scene import Split

__all__ = ["CATEGORIES", "Sample", "Split", "render"]
