# SPDX-License-Identifier: GPL-3.0-or-later
"""CLIP's own tokenizer, for checkpoints that bring none: built from its merges, which ship."""

from __future__ import annotations

import gzip
import importlib
from typing import Any

from backend.weights.files.catalogue import MODELS, REPAIR
from shared.errors import MissingWeights

MERGES = MODELS / "clip_tokenizer" / "merges.txt.gz"
START, END = "<|startoftext|>", "<|endoftext|>"
WINDOW = 77


def clip_tokenizer(pad: str = END) -> Any:
    """CLIPTokenizer of 49408 tokens and a window of 77.

    Args:
        pad: What fills the window; the second text encoder of SDXL wants "!".

    Raises:
        MissingWeights: the merges are not there or damaged.
    """
    try:
        merges = gzip.decompress(MERGES.read_bytes()).decode("utf-8").split("\n")
    except (OSError, EOFError, ValueError) as fault:
        raise MissingWeights("The list of CLIP's words cannot be read.", REPAIR) from fault
    letters = byte_letters()
    tokens = [*letters, *(f"{letter}</w>" for letter in letters), *(m.replace(" ", "") for m in merges)]
    vocabulary = {token: place for place, token in enumerate([*tokens, START, END])}
    pairs = [tuple(merge.split(" ")) for merge in merges]
    tokenizers: Any = importlib.import_module("transformers.models.clip.tokenization_clip")
    return tokenizers.CLIPTokenizer(vocabulary, pairs, pad_token=pad, model_max_length=WINDOW)


def byte_letters() -> list[str]:
    """A printable letter for each of the 256 bytes, in the order of CLIP's vocabulary.

    Source: Radford et al. 2019, GPT-2, section 2.2: printable bytes stand for themselves, the others for the
    letters from U+0100 on.
    """
    printable = [
        *range(ord("!"), ord("~") + 1),
        *range(ord("¡"), ord("¬") + 1),
        *range(ord("®"), ord("ÿ") + 1),
    ]
    others = [byte for byte in range(256) if byte not in printable]
    return [*map(chr, printable), *(chr(0x100 + place) for place in range(len(others)))]
