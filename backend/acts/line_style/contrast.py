# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false
"""As much ink as the artist uses, and as black: the last touch to a learnt extractor.

A network that is not quite sure of a line's place draws it soft and pale. Its answer is stretched and
shifted, each output by itself, until the ink and its square are on the mean those of the true drawings. Where
one pixel had more ink than another it still has.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from models.networks.line_extractor import KINDS, LineExtractor

STRETCHES = torch.linspace(0.7, 3.0, 16)
"""Beyond 3 the steps along a slanting line begin to show."""

HALVINGS = 16
MOST_PIXELS = 1 << 16
"""Looked at per output: means need no more."""

FURTHEST = 8.0
"""The shift is searched in [-8, 8]: beyond it everything is ink, or nothing."""

LEAST_INK = 1e-4
"""Mean ink of an output that is hardly drawn in: there is nothing to go by."""


def with_contrast(extractor: LineExtractor, views: Sequence[tuple[Tensor, Tensor]]) -> LineExtractor:
    """Stretch the answer of an extractor, in place.

    Args:
        views: Pictures (3,H,W) and their true ink (2,H,W), in [0, 1].

    Returns:
        The same extractor.
    """
    with torch.no_grad():
        logits = [extractor(picture[None] * 2 - 1)[0].float() for picture, _ in views]
        for kind in range(len(KINDS)):
            drawn = _thinned(torch.cat([each[kind].flatten() for each in logits]))
            truth = _thinned(torch.cat([ink[kind].flatten() for _, ink in views]))
            if float(truth.mean()) >= LEAST_INK:
                _apply(extractor, kind, *fitted(drawn, truth))
    return extractor


def fitted(logits: Tensor, truth: Tensor) -> tuple[float, float]:
    """Stretch a and shift b that give sigmoid(a * logits + b) the truth's mean and, nearly, mean square.

    Args:
        logits, truth: (N,); truth in [0, 1].
    """
    wanted, black = truth.mean(), truth.square().mean()
    tried = [(float(a), shift_for(a * logits, float(wanted))) for a in STRETCHES]
    missed = [float(((a * logits + b).sigmoid().square().mean() - black).abs()) for a, b in tried]
    return tried[missed.index(min(missed))]


def shift_for(logits: Tensor, mean: float) -> float:
    """The shift that gives the sigmoid so much ink on the mean, by halving."""
    low, high = -FURTHEST, FURTHEST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if float((logits + middle).sigmoid().mean()) < mean else (low, middle)
    return (low + high) / 2


def _thinned(values: Tensor) -> Tensor:
    """At most `MOST_PIXELS` of them; the step is odd, so that no column of a picture is preferred."""
    return values[:: max(1, len(values) // MOST_PIXELS) | 1]


def _apply(extractor: LineExtractor, kind: int, stretch: float, shift: float) -> None:
    """The last layer holds four neighbouring pixels of each output, one output after the other."""
    rows = slice(4 * kind, 4 * kind + 4)
    bias = extractor.conv_out.bias
    assert bias is not None
    extractor.conv_out.weight[rows] *= stretch
    bias[rows] = bias[rows] * stretch + shift
