# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompts as the UNet reads them, by one CLIP text encoder or by two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from backend.weights.runtime.device import calculation
from backend.weights.runtime.place import DevicePlacement

PENULTIMATE = -2
"""Hidden states that a UNet with two text encoders was trained on; with one it is the last, normed."""


@dataclass(frozen=True)
class PromptEmbedding:
    """An encoded prompt.

    Attributes:
        embedding: (1, tokens, width).
        left_out: Words beyond what the text encoder can read, which had no effect.
        pooled: (1, width) of the whole prompt, for a UNet that asks for it.
    """

    embedding: Tensor
    left_out: str = ""
    pooled: Tensor | None = None


class Reader(NamedTuple):
    """A text encoder and the tokenizer that it was trained with."""

    tokenizer: Any
    encoder: Any


Tokens = Callable[[Reader, str], tuple[list[int], str]]
"""Ids of a prompt, as many as the encoder's window, and the words that did not fit."""


def token_ids(reader: Reader, prompt: str) -> tuple[list[int], str]:
    """See `Tokens`."""
    tokenizer = reader.tokenizer
    window = int(tokenizer.model_max_length)
    read = tokenizer(prompt, padding="max_length", truncation=True, max_length=window).input_ids
    whole = tokenizer(prompt, verbose=False).input_ids
    left_out = ""
    if len(whole) > len(read):
        left_out = str(tokenizer.decode(whole[len(read) - 1 : -1])).strip()
    return list(read), left_out


class TextReader:
    """Reads prompts.

    Args:
        readers: One, or two whose embeddings are joined.
        pooled: The UNet asks for the whole prompt's embedding too; the last reader's is taken.
        zeros_when_empty: An empty negative prompt is all zeros, as in training.

    Source: Podell et al. 2023, SDXL, section 2.1, for two encoders.
    """

    def __init__(
        self, readers: Sequence[Reader], place: DevicePlacement, *, pooled: bool, zeros_when_empty: bool
    ) -> None:
        self.readers = tuple(readers)
        self.pooled, self.zeros_when_empty = pooled, zeros_when_empty
        self.tokens: Tokens = token_ids
        self._place = place

    def read(self, prompt: str, *, negative: bool = False) -> PromptEmbedding:
        """A prompt, as far as the text encoders' windows go."""
        parts = [self._one(reader, prompt) for reader in self.readers]
        embedding = (
            torch.cat([part.embedding for part in parts], -1) if len(parts) > 1 else parts[0].embedding
        )
        pooled = parts[-1].pooled
        if negative and self.zeros_when_empty and not prompt.strip():
            embedding = torch.zeros_like(embedding)
            pooled = None if pooled is None else torch.zeros_like(pooled)
        return PromptEmbedding(embedding, parts[0].left_out, pooled)

    def _one(self, reader: Reader, prompt: str) -> PromptEmbedding:
        ids, left_out = self.tokens(reader, prompt)
        encoder = self._place.on_device(reader.encoder)
        several = len(self.readers) > 1
        options: dict[str, Any] = {"output_hidden_states": True} if several else {}
        with torch.inference_mode(), calculation(self._place.device):
            answer = encoder(torch.tensor([ids], device=self._place.device), **options)
        states = answer.hidden_states[PENULTIMATE] if several else answer.last_hidden_state
        pooled = getattr(answer, "text_embeds", None) if self.pooled else None
        return PromptEmbedding(states.float(), left_out, None if pooled is None else pooled.float())
