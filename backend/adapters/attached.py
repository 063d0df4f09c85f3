# SPDX-License-Identifier: GPL-3.0-or-later
"""Adapters on a network for the length of a `with`."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Protocol, TypeVar

Bent = TypeVar("Bent", contravariant=True)
"""What is bent: a UNet, a text encoder, or what reads prompts."""
One = TypeVar("One")


class Adapter(Protocol[Bent]):
    """Bends a network until it is detached; afterwards it answers bit for bit as before."""

    def attach(self, network: Bent, /) -> None: ...

    def detach(self) -> None: ...


@contextmanager
def attached(network: One, adapters: Sequence[Adapter[One]]) -> Generator[None]:
    """Attach in order; detach in reverse, also on error."""
    with ExitStack() as stack:
        for adapter in adapters:
            adapter.attach(network)
            stack.callback(adapter.detach)
        yield
