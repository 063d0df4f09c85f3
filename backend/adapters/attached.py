# SPDX-License-Identifier: GPL-3.0-or-later
"""Adapters on a UNet for the length of a `with`."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Protocol

from torch import nn


class Adapter(Protocol):
    """Bends a UNet until it is detached; afterwards the UNet answers bit for bit as before."""

    def attach(self, unet: nn.Module) -> None: ...

    def detach(self) -> None: ...


@contextmanager
def attached(unet: nn.Module, adapters: Sequence[Adapter]) -> Generator[None]:
    """Attach in order; detach in reverse, also on error."""
    with ExitStack() as stack:
        for adapter in adapters:
            adapter.attach(unet)
            stack.callback(adapter.detach)
        yield
