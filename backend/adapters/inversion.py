# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Learnt words (textual inversions): named in a prompt, each stands for vectors that no dictionary holds.

Neither the tokenizer nor the embedding table is changed: a learnt word's tokens have numbers below zero, and
the table's answer is exchanged where they stand.

Source: Gal et al. 2022, An Image is Worth One Word, section 4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor
from torch.utils.hooks import RemovableHandle

from backend.weights.runtime.text import Reader, TextReader, Tokens
from shared.errors import BadRequest

NAMES: tuple[tuple[str, ...], ...] = (("clip_l", "text_encoders_0"), ("clip_g", "text_encoders_1"))
"""What files call the vectors of the first and of the second text encoder, where they have two."""

ANOTHER = "Choose one made for this base model, or another base model."


@dataclass(frozen=True)
class Inversion:
    """A learnt word.

    Args:
        name: What the artist writes.
        vectors: (tokens, width) for each text encoder.
    """

    name: str
    vectors: tuple[Tensor, ...]


def read_inversion(path: Path, name: str, readers: Sequence[Reader]) -> Inversion:
    """Read a file of any common layout.

    Args:
        readers: The base model's text encoders.

    Raises:
        BadRequest: it cannot be read, or was made for another base model.
    """
    try:
        state = load_file(path)
    except (OSError, SafetensorError) as fault:
        raise BadRequest(
            f"The learnt word {name} cannot be read ({fault}).", "Download it again, or remove it."
        ) from fault
    widths = [int(reader.encoder.get_input_embeddings().embedding_dim) for reader in readers]
    vectors = [_vectors(state, place, width, alone=len(widths) == 1) for place, width in enumerate(widths)]
    found = tuple(each for each in vectors if each is not None)
    more = any(each in state for names in NAMES[len(widths) :] for each in names)
    if more or len(found) != len(widths) or len({len(each) for each in found}) != 1:
        raise BadRequest(f"The learnt word {name} was made for another base model.", ANOTHER)
    return Inversion(name, found)


def named_in(name: str) -> re.Pattern[str]:
    """How a learnt word is written in a prompt: `name`, `<name>` or `embedding:name`."""
    word = re.escape(name)
    return re.compile(rf"<{word}>|embedding:{word}(?!\w)|(?<![\w<:]){word}(?![\w>])")


class Inversions:
    """Learnt words on a text reader, for as long as they are attached."""

    def __init__(self, words: Sequence[Inversion]) -> None:
        self.words = tuple(words)
        self._handles: list[RemovableHandle] = []
        self._reader: TextReader | None = None
        self._before: Tokens | None = None
        starts = [sum(len(word.vectors[0]) for word in self.words[:place]) for place in range(len(words))]
        self._ids = {
            word.name: [-1 - start - k for k in range(len(word.vectors[0]))]
            for word, start in zip(self.words, starts, strict=True)
        }

    def attach(self, reader: TextReader) -> None:
        if self._reader is not None:
            raise RuntimeError("already attached")
        self._reader, self._before = reader, reader.tokens
        if not self.words:
            return
        reader.tokens = self._tokens
        for place, each in enumerate(reader.readers):
            table = torch.cat([word.vectors[place] for word in self.words])
            self._handles += _exchanged(each.encoder.get_input_embeddings(), table)

    def detach(self) -> None:
        for handle in self._handles:
            handle.remove()
        if self._reader is not None and self._before is not None:
            self._reader.tokens = self._before
        self._handles, self._reader, self._before = [], None, None

    def _tokens(self, reader: Reader, prompt: str) -> tuple[list[int], str]:
        """See `backend.weights.runtime.text.Tokens`."""
        tokenizer: Any = reader.tokenizer
        inner: list[int] = []
        for part in self._parts(prompt):
            known = self._ids.get(part) if part in self._ids else None
            inner += known or list(tokenizer(part, add_special_tokens=False, verbose=False).input_ids)
        room = int(tokenizer.model_max_length) - 2
        ids = [tokenizer.bos_token_id, *inner[:room], tokenizer.eos_token_id]
        ids += [tokenizer.pad_token_id] * (room + 2 - len(ids))
        left = [token for token in inner[room:] if token >= 0]
        return ids, str(tokenizer.decode(left)).strip() if left else ""

    def _parts(self, prompt: str) -> list[str]:
        """The prompt, cut before and after each learnt word, which stands there by its bare name."""
        for word in self.words:
            prompt = named_in(word.name).sub(lambda _, name=word.name: f"\0{name}\0", prompt)
        return [part for part in prompt.split("\0") if part.strip()]


def _vectors(state: Mapping[str, Tensor], place: int, width: int, *, alone: bool) -> Tensor | None:
    """(tokens, width) for one text encoder; None where the file has none of that width."""
    named = [state[name] for name in NAMES[place] if name in state]
    others = [state["emb_params"]] if "emb_params" in state else list(state.values())
    given = named or (others if alone and len(others) == 1 else [])
    if not given or given[0].shape[-1] != width or given[0].dim() > 2:
        return None
    return given[0].reshape(-1, width)


def _exchanged(table: Any, vectors: Tensor) -> list[RemovableHandle]:
    """Answer ids below zero with vectors: -1 with the first."""
    asked: list[Tensor] = []

    def before(module: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
        asked.append(args[0])
        return (args[0].clamp(min=0), *args[1:])

    def after(module: Any, args: tuple[Any, ...], output: Tensor) -> Tensor:
        ids = asked.pop()
        learnt = vectors.to(output)[(-1 - ids).clamp(min=0)]
        return torch.where((ids < 0)[..., None], learnt, output)

    return [table.register_forward_pre_hook(before), table.register_forward_hook(after)]
