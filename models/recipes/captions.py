# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""A tokenizer of our own, learnt from the studio's captions, in the layout CLIP uses."""

import json
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch import Tensor
from transformers import CLIPTokenizer

MAX_TOKENS = 32
VOCABULARY = 4096
START, END = "<|startoftext|>", "<|endoftext|>"

WHOLE_WORDS = (
    *("striped", "spotted", "patterned", "dotted", "checked", "wooden", "metal", "glass", "furry", "fluffy"),
    *("shiny", "golden", "silver", "stone", "paper", "clay", "knitted", "leather", "woollen", "old", "new"),
    *("big", "small", "round", "tall", "short", "happy", "sad", "smiling", "sleepy", "angry", "long"),
    *(
        "curly",
        "straight",
        "thin",
        "thick",
        "dark",
        "light",
        "pale",
        "bright",
        "mug",
        "kitten",
        "puppy",
        "boat",
    ),
    *("ship", "cottage", "rose", "tulip", "girl", "boy", "man", "woman", "portrait", "character", "robot"),
    *("dragon", "bear", "fox", "horse", "owl", "lamp", "chair", "table", "bottle", "vase", "lemon", "orange"),
    *("pear", "banana", "bicycle", "guitar", "pineapple", "castle", "bridge", "mountain", "hill", "river"),
    *("lake", "sea", "sky", "field", "road", "fence", "grass", "forest", "beach"),
)
"""One token each, whether or not the studio says them: edits change single words of a prompt."""

HEARD_AS_OFTEN = 400
"""As if so many captions held each of them, so that no word of the studio comes before."""

_WORDS = r"""<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"""


def learn_tokenizer(captions: Iterable[str], folder: Path, vocabulary: int = VOCABULARY) -> CLIPTokenizer:
    """Learn byte pairs from captions and `WHOLE_WORDS`; save vocab.json, merges.txt and the configuration.

    Args:
        captions: the texts; the more words, the fewer pieces a painter's prompt falls into.
        folder: where the tokenizer is written.
        vocabulary: number of tokens, the two special ones included.
    """
    learner = Tokenizer(models.BPE(continuing_subword_prefix="", end_of_word_suffix="</w>"))
    learner.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    learner.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary - 2 - len(alphabet),
        initial_alphabet=alphabet,
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    wanted = (word for word in WHOLE_WORDS for _ in range(HEARD_AS_OFTEN))
    learner.train_from_iterator(chain(captions, wanted), trainer)
    model = json.loads(learner.to_str())["model"]
    tokens = [
        *model["vocab"],
        *(a + "</w>" for a in alphabet if a + "</w>" not in model["vocab"]),
        START,
        END,
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}), "utf-8")
    merges = [" ".join(pair) if isinstance(pair, list) else pair for pair in model["merges"]]
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n", "utf-8")
    tokenizer = CLIPTokenizer(
        str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=MAX_TOKENS
    )
    tokenizer.save_pretrained(folder)
    return tokenizer


def token_ids(tokenizer: CLIPTokenizer, captions: list[str]) -> Tensor:
    """Encode captions as (B, MAX_TOKENS) ids, cut or filled up to length."""
    encoded = tokenizer(
        captions, padding="max_length", truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
    )
    return encoded.input_ids
