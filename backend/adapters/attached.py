# SPDX-License-Identifier: GPL-3.0-or-later
"""Adapters on a network for the length of a `with`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol, TypeVar

from torch import nn
from torch.utils.hooks import RemovableHandle

Bent = TypeVar("Bent", contravariant=True)
"""What is bent: a UNet, a text encoder, or what reads prompts."""
One = TypeVar("One")


class Adapter(Protocol[Bent]):
    """Bends a network until it is detached; afterwards it answers bit for bit as before."""

    def attach(self, network: Bent, /) -> None: ...

    def detach(self) -> None: ...


class BeforeCall(ABC):
    """Changes what a network is called with, for as long as it is attached; `_add` says how."""

    _handle: RemovableHandle | None = None

    def attach(self, network: nn.Module, /) -> None:
        if self._handle is not None:
            raise RuntimeError("already attached")
        self._handle = network.register_forward_pre_hook(self._add, with_kwargs=True)

    def detach(self) -> None:
        if self._handle is not None:
            self._handle.remove()
            self._handle = None

    @abstractmethod
    def _add(
        self, network: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments that the network is to get instead of these."""


@contextmanager
def attached(network: One, adapters: Sequence[Adapter[One]]) -> Generator[None]:
    """Attach in order; detach in reverse, also on error."""
    with ExitStack() as stack:
        for adapter in adapters:
            adapter.attach(network)
            stack.callback(adapter.detach)
        yield
