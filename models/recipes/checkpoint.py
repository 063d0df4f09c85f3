# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Training state on disk as safetensors in small shards: weights, averages, optimisers, progress."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim import Optimizer

SHARD_BYTES = 15 << 20


def _shards(tensors: Mapping[str, Tensor]) -> Iterator[dict[str, Tensor]]:
    shard: dict[str, Tensor] = {}
    size = 0
    for name, tensor in tensors.items():
        bytes_here = tensor.numel() * tensor.element_size()
        if shard and size + bytes_here > SHARD_BYTES:
            yield shard
            shard, size = {}, 0
        shard[name] = tensor.detach().cpu().contiguous().clone()
        size += bytes_here
    yield shard


def save_checkpoint(folder: Path, tensors: Mapping[str, Tensor], progress: Mapping[str, float]) -> None:
    """Write a checkpoint beside the old one and swap them, so that one whole checkpoint always exists.

    Args:
        folder: where the checkpoint lies; replaced.
        tensors: everything to keep, by name.
        progress: numbers such as step and seconds.
    """
    new, old = folder.with_name(folder.name + ".new"), folder.with_name(folder.name + ".old")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    for i, shard in enumerate(_shards(tensors)):
        save_file(shard, new / f"{i:05}.safetensors")
    (new / "progress.json").write_text(json.dumps(dict(progress)), encoding="utf-8")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def load_checkpoint(folder: Path) -> tuple[dict[str, Tensor], dict[str, float]]:
    """Read what `save_checkpoint` wrote.

    Raises:
        FileNotFoundError: no checkpoint lies there.
    """
    progress = json.loads((folder / "progress.json").read_text(encoding="utf-8"))
    tensors: dict[str, Tensor] = {}
    for shard in sorted(folder.glob("*.safetensors")):
        tensors.update(load_file(shard))
    return tensors, progress


def restore_mean(network: nn.Module, name: str, checkpoint: Path) -> None:
    """Load the averaged weights of one network of a checkpoint."""
    tensors, _ = load_checkpoint(checkpoint)
    prefix = f"mean.{name}."
    network.load_state_dict({k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)})


def optimiser_tensors(optimiser: Optimizer, prefix: str) -> dict[str, Tensor]:
    """Flatten the per-parameter state of an optimiser into named tensors."""
    state = cast("dict[int, dict[str, Any]]", optimiser.state_dict()["state"])
    return {
        f"{prefix}.{index}.{name}": torch.as_tensor(value)
        for index, values in state.items()
        for name, value in values.items()
    }


def restore_optimiser(optimiser: Optimizer, prefix: str, tensors: Mapping[str, Tensor]) -> None:
    """Put back what `optimiser_tensors` took; learning rates stay as they are now."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith(prefix + "."):
            index, name = key.removeprefix(prefix + ".").split(".", 1)
            state.setdefault(int(index), {})[name] = value
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
