# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
import torch

from backend.weights.runtime import device
from shared.errors import BadRequest


def test_there_is_always_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    assert device.available()[-1] == "cpu"
    monkeypatch.setenv(device.DEVICE_VARIABLE, "cpu")
    assert device.choose_device() == torch.device("cpu")
    assert device.choose_dtype(torch.device("cpu")) == torch.float32
    assert device.choose_dtype(torch.device("cuda")) == torch.float16


def test_a_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "available", lambda: ("cpu",))
    with pytest.raises(BadRequest, match="cpu"):
        device.choose_device("cuda")


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        (MemoryError(), True),
        (torch.OutOfMemoryError("CUDA out of memory."), True),
        (RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"), True),
        (RuntimeError("MPS backend out of memory"), True),
        (RuntimeError("shapes do not match"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_what_counts_as_out_of_memory(fault: BaseException, verdict: bool) -> None:
    assert device.is_out_of_memory(fault) is verdict


def test_free_memory_is_told() -> None:
    free = device.free_mib(torch.device("cpu"))
    assert free is None or 0 < free < 1 << 24
    device.release_memory(torch.device("cpu"))


@pytest.mark.parametrize(("cells", "half"), [(None, True), (9, True), (8, False), (2, False)])
def test_thin_latents_are_computed_in_full_precision(
    monkeypatch: pytest.MonkeyPatch, cells: int | None, half: bool
) -> None:
    """Strided bfloat16 convolutions of planes two cells wide read beyond them on some CPUs."""
    monkeypatch.setattr(device, "has_cpu_bfloat16", lambda: True)
    with device.calculation(torch.device("cpu"), cells=cells):
        assert torch.is_autocast_enabled("cpu") == half
