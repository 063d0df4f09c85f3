# SPDX-License-Identifier: GPL-3.0-or-later
"""Where to compute and in which number format."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import torch

from shared.errors import BadRequest

KINDS = ("cuda", "xpu", "mps", "cpu")
DEVICE_VARIABLE = "UNDERDRAWING_DEVICE"


def available() -> tuple[str, ...]:
    """Kinds of device that this machine and this torch can use, best first. AMD's ROCm answers as cuda."""
    has = {
        "cuda": torch.cuda.is_available(),
        "xpu": hasattr(torch, "xpu") and torch.xpu.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    return tuple(kind for kind in KINDS if has[kind])


def choose_device(wanted: str | None = None) -> torch.device:
    """The wanted kind, else that of UNDERDRAWING_DEVICE, else the best there is.

    Raises:
        BadRequest: the wanted kind is not available here.
    """
    kind = wanted or os.environ.get(DEVICE_VARIABLE) or available()[0]
    if kind.partition(":")[0] not in available():
        raise BadRequest(
            f"There is no device {kind!r} here.",
            f"Choose one of {', '.join(available())}, or unset {DEVICE_VARIABLE}.",
        )
    return torch.device(kind)


def choose_dtype(device: torch.device) -> torch.dtype:
    """Number format of the weights: half precision where the device is made for it."""
    return torch.float32 if device.type == "cpu" else torch.float16


THIN_CELLS = 8
"""Latents this thin may be halved to two cells: there PyTorch 2.13's strided bfloat16 convolutions (oneDNN on
CPUs with AMX) read memory beyond the plane. Computing them in float32 takes no time to speak of."""


def calculation(device: torch.device, *, cells: int | None = None) -> AbstractContextManager[object]:
    """Context of every network call: on a CPU with bfloat16 units their speed, with float32 weights.

    Args:
        cells: The shorter side of the latents, for a network that halves them.
    """
    if device.type == "cpu" and has_cpu_bfloat16() and (cells is None or cells > THIN_CELLS):
        return torch.autocast("cpu", torch.bfloat16)
    return nullcontext()


def has_cpu_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 faster than float32 (AVX-512 BF16 or AMX)."""
    return torch.cpu._is_avx512_bf16_supported()  # pyright: ignore[reportPrivateUsage] - torch names no public one


def free_mib(device: torch.device) -> int | None:
    """Memory that is free now, in MiB; None where the system does not say."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0] >> 20
    listing = Path("/proc/meminfo")
    if device.type == "cpu" and listing.exists():
        for line in listing.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) >> 10
    return None


def total_mib(device: torch.device) -> int | None:
    """All memory of a graphics device, in MiB; None for a CPU, or where the system does not say."""
    return torch.cuda.mem_get_info(device)[1] >> 20 if device.type == "cuda" else None


def release_memory(device: torch.device) -> None:
    """Give back what torch keeps for later."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "xpu":
        torch.xpu.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


def is_out_of_memory(fault: BaseException) -> bool:
    """Whether an exception says, in any of torch's ways, that there was no room."""
    if isinstance(fault, (torch.OutOfMemoryError, MemoryError)):
        return True
    words = str(fault).lower()
    return isinstance(fault, RuntimeError) and ("out of memory" in words or "can't allocate memory" in words)
