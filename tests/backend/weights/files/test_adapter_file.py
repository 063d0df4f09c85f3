# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from diffusers import T2IAdapter
from safetensors.torch import save_file

from backend.weights.files.adapter_file import config_of, load_adapter
from backend.weights.files.recognise import recognise

FULL = {"in_channels": 1, "channels": [8, 16, 32, 32], "num_res_blocks": 2, "downscale_factor": 8}
KINDS = {
    "full": FULL | {"adapter_type": "full_adapter"},
    "xl": FULL | {"in_channels": 3, "downscale_factor": 16, "adapter_type": "full_adapter_xl"},
    "light": {
        "in_channels": 3,
        "channels": [16, 32, 64],
        "num_res_blocks": 4,
        "downscale_factor": 8,
        "adapter_type": "light_adapter",
    },
}


def authors_name(name: str, kind: str) -> str:
    """The names in the authors' own files."""
    name = name.removeprefix("adapter.")
    if kind == "light":
        return re.sub(r"^(body\.\d+)\.resnets\.", r"\1.body.", name)
    if found := re.match(r"body\.(\d+)\.resnets\.(\d)\.(.+)", name):
        return f"body.{2 * int(found[1]) + int(found[2])}.{found[3]}"
    return re.sub(r"^body\.(\d+)\.in_conv", lambda m: f"body.{2 * int(m[1])}.in_conv", name)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("authors", [False, True])
def test_one_file_answers_as_the_adapter_it_was(kind: str, authors: bool, tmp_path: Path) -> None:
    torch.manual_seed(0)
    adapter = T2IAdapter(**KINDS[kind])
    state = {
        authors_name(name, kind) if authors else name: value for name, value in adapter.state_dict().items()
    }
    save_file(state, tmp_path / "a.safetensors")
    loaded = load_adapter(tmp_path / "a.safetensors", torch.float32)
    picture = torch.rand(1, KINDS[kind]["in_channels"], 64, 64)
    with torch.inference_mode():
        for ours, theirs in zip(loaded(picture), adapter(picture), strict=True):
            assert torch.equal(ours, theirs)


@pytest.mark.parametrize("kind", KINDS)
def test_sizes_are_read_from_the_weights(kind: str) -> None:
    assert config_of(T2IAdapter(**KINDS[kind]).state_dict()) == KINDS[kind]


def test_another_file_is_no_adapter(tmp_path: Path) -> None:
    save_file({"conv_in.weight": torch.zeros(4, 4)}, tmp_path / "b.safetensors")
    with pytest.raises((KeyError, ValueError, RuntimeError)):
        load_adapter(tmp_path / "b.safetensors", torch.float32)


def test_recognised_by_the_same_names(tmp_path: Path) -> None:
    with torch.device("meta"):
        adapter = T2IAdapter(
            in_channels=1, channels=[320, 640, 1280, 1280], num_res_blocks=2, downscale_factor=8
        )
    shapes = {authors_name(name, "full"): tuple(value.shape) for name, value in adapter.state_dict().items()}
    from benchmarks.model_headers import write_header

    found = recognise(write_header(tmp_path / "sketch.safetensors", shapes))
    assert (found.kind, found.base, found.guides) == ("t2i_adapter", "sd15", "lines")
