# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What samples for learning are painted of: from the example's own words to anything (CDST)."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import torch
from torch import Tensor

from backend.weights.runtime.base_model import PromptEmbedding

MOST_COMPONENTS = 512
"""Principal components of the conditions that are kept."""


def shares(iteration: float, horizon: float) -> tuple[float, float]:
    """How much the example's own condition and a random one count: (alpha, beta).

    Args:
        iteration: At most the horizon counts; later the random one stands alone.

    Raises:
        ValueError: iteration < 0 or horizon <= 0.

    Source: Yun et al. 2024, DiffSketch, equation of CDST.
    """
    if iteration < 0 or horizon <= 0:
        raise ValueError(f"iteration {iteration} of {horizon} is no place on the way")
    gone = min(iteration / horizon, 1.0)
    return sqrt(1 - gone), sqrt(gone)


def mixed(source: PromptEmbedding, other: PromptEmbedding, alpha: float, beta: float) -> PromptEmbedding:
    """(alpha source + beta other) / (alpha + beta), of embeddings and of pooled words where there are any."""

    def between(a: Tensor, b: Tensor) -> Tensor:
        return (alpha * a + beta * b) / (alpha + beta)

    if source.pooled is None or other.pooled is None:
        return PromptEmbedding(between(source.embedding, other.embedding))
    return PromptEmbedding(
        between(source.embedding, other.embedding), "", between(source.pooled, other.pooled)
    )


class Conditions:
    """A Gaussian around the text conditions of many captions, in their principal components.

    Along these components the captions are not correlated, so its covariance is diagonal there.

    Args:
        words: Encoded captions, at least two, all of one shape.

    Raises:
        ValueError: fewer than two.

    Source: Yun et al. 2024, DiffSketch, section 4.4.
    """

    def __init__(self, words: Sequence[PromptEmbedding], components: int = MOST_COMPONENTS) -> None:
        if len(words) < 2:
            raise ValueError("one caption has no spread")
        self._example = words[0]
        rows = torch.stack([_flat(each) for each in words]).double()  # (captions, numbers)
        self.mean = rows.mean(0)
        centred = rows - self.mean
        kept = min(components, len(words) - 1)
        values, vectors = torch.linalg.eigh(centred @ centred.T)
        values, vectors = values[-kept:].clamp(min=0), vectors[:, -kept:]
        lengths = values.sqrt().clamp(min=1e-12)
        self.directions = (centred.T @ (vectors / lengths)).T  # (kept, numbers), each of length 1
        self.deviations = (values / (len(words) - 1)).sqrt()  # (kept,)

    def drawn(self, seed: int) -> PromptEmbedding:
        """A random condition; the same for the same seed."""
        generator = torch.Generator().manual_seed(seed)
        chance = torch.randn(len(self.deviations), generator=generator, dtype=torch.float64)
        return self._shaped(self.mean + (chance * self.deviations) @ self.directions)

    def _shaped(self, row: Tensor) -> PromptEmbedding:
        embedding, pooled = self._example.embedding, self._example.pooled
        first = row[: embedding.numel()].view_as(embedding).float()
        return PromptEmbedding(
            first, "", None if pooled is None else row[embedding.numel() :].view_as(pooled).float()
        )


def _flat(words: PromptEmbedding) -> Tensor:
    parts = [words.embedding] if words.pooled is None else [words.embedding, words.pooled]
    return torch.cat([part.flatten().cpu() for part in parts])
