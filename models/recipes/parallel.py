# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Several processes train one network: each its own pictures, gradients averaged at every step.

Started by `torchrun` or `accelerate launch`, which set RANK and WORLD_SIZE; without them there is one
process. On a CPU, one process of one thread per core does half as much again as one process with all threads.
"""

import os
from collections.abc import Iterable

import torch
import torch.distributed as dist
from torch import Tensor, nn


def join() -> None:
    """Join the other processes of this run, if there are any; each takes its own GPU where there are GPUs."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and not dist.is_initialized():
        if torch.cuda.is_available():
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")


def leave() -> None:
    """Leave the other processes, all together: one that goes earlier breaks what the others still send."""
    if dist.is_initialized():
        dist.barrier()
        dist.destroy_process_group()


def rank() -> int:
    """Number of this process, from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


def world() -> int:
    """Number of processes."""
    return dist.get_world_size() if dist.is_initialized() else 1


def barrier() -> None:
    """Wait for the others."""
    if dist.is_initialized():
        dist.barrier()


def average_gradients(weights: Iterable[nn.Parameter], seconds: float) -> float:
    """Replace every gradient by its mean over the processes.

    Args:
        weights: in the same order everywhere; frozen ones get none, those without a gradient are taken as 0.
        seconds: time this process measured.

    Returns:
        The mean of `seconds`, the same number everywhere, so that all stop together.
    """
    if world() == 1:
        return seconds
    weights = [weight for weight in weights if weight.requires_grad]
    gradients: list[Tensor] = [w.grad if w.grad is not None else torch.zeros_like(w) for w in weights]
    add_up(gradients)
    for weight, gradient in zip(weights, gradients, strict=True):
        weight.grad = gradient.div_(world())
    time = torch.tensor([seconds], dtype=torch.float64, device=gradients[0].device)
    dist.all_reduce(time)
    return time.item() / world()


def add_up(tensors: list[Tensor]) -> None:
    """Replace each tensor by its sum over the processes, sent in bf16."""
    if world() == 1:
        return
    flat = torch.cat([tensor.flatten() for tensor in tensors]).bfloat16()
    dist.all_reduce(flat)
    for tensor, part in zip(tensors, flat.split([t.numel() for t in tensors]), strict=True):
        tensor.copy_(part.view_as(tensor))
