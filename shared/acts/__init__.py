# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be asked of the backend, an act to a file: its request with its limits, and its outcome.

A new act adds its request and its outcome to the two unions here.
"""

from __future__ import annotations

from .extract import ExtractRequest, Lines
from .learn_style import LearnStyleRequest, LearntStyle
from .paint import Painting, PaintRequest, Region, Strengths
from .paste import PastedSketch, PasteRequest

Request = PaintRequest | ExtractRequest | LearnStyleRequest | PasteRequest
"""What a job may ask for."""

Outcome = Painting | Lines | LearntStyle | PastedSketch
"""What a job may end in."""

__all__ = [
    "ExtractRequest",
    "LearnStyleRequest",
    "LearntStyle",
    "Lines",
    "Outcome",
    "PaintRequest",
    "Painting",
    "PasteRequest",
    "PastedSketch",
    "Region",
    "Request",
    "Strengths",
]
