# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a model's networks are: all on the device, or there one at a time."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import nn

from backend.weights.runtime.device import free_mib, release_memory
from backend.weights.runtime.memory import Tier, choose_tier, working_mib


class DevicePlacement:
    """Networks, the device that they compute on, and their number format there.

    Args:
        dtype: On that device; a CPU computes in float32.
    """

    def __init__(self, device: torch.device, dtype: torch.dtype) -> None:
        self.device, self._dtype = device, dtype
        self.rests_in_turn = False
        self.tier: Tier = "all"
        self._home = device
        self._networks: list[Any] = []
        self._wide: set[int] = set()

    @property
    def dtype(self) -> torch.dtype:
        """Number format of the networks here."""
        return torch.float32 if self.device.type == "cpu" else self._dtype

    @property
    def networks(self) -> tuple[Any, ...]:
        return tuple(self._networks)

    def take_in(self, network: Any, *, wide: bool = False) -> None:
        """Add a network, ready to compute; the same one may come twice.

        Args:
            wide: Half precision's range is too small for it: it stays in float32.
        """
        if any(network is other for other in self._networks):
            return
        network.requires_grad_(False).eval()
        self._networks.append(network)
        if wide:
            self._wide.add(id(network))

    def drop(self, network: Any) -> None:
        """Forget a network."""
        self._networks = [other for other in self._networks if other is not network]
        self._wide.discard(id(network))

    def dtype_of(self, network: Any) -> torch.dtype:
        """Number format of one network; bfloat16 has range enough for all."""
        return torch.float32 if id(network) in self._wide and self.dtype == torch.float16 else self.dtype

    def widen(self, network: Any) -> None:
        """From now on this network computes in float32."""
        self._wide.add(id(network))
        nn.Module.to(network, self.dtype_of(network))

    def move(self, device: torch.device) -> None:
        """Put every network on a device."""
        self.device = device
        self.rests_in_turn = False
        self._put(device)

    def settle(self, edge_px: int) -> None:
        """Go home, and there spread out as far as the memory that is free allows.

        Args:
            edge_px: Side of the usual tile.
        """
        self.device = self._home
        sizes = [self._mib_there(network) for network in self._networks]
        free = free_mib(self._home)
        if free is not None:
            free += sum(network_mib(each) for each in self._networks if _device_of(each) == self._home)
        on_cpu = self._home.type == "cpu"
        at_work = working_mib(edge_px, self.dtype)
        self.tier = "all" if on_cpu else choose_tier(free, sum(sizes), max(sizes, default=0), at_work)
        if self.tier == "in_turn":
            self._put(torch.device("cpu"))
            self.rests_in_turn = True
        else:
            self.move(self._home if self.tier == "all" else torch.device("cpu"))

    def _mib_there(self, network: Any) -> float:
        """Memory that a network's weights will take at home."""
        count = sum(weight.numel() for weight in network.parameters())
        return count * self.dtype_of(network).itemsize / (1 << 20)

    def _put(self, device: torch.device) -> None:
        for network in self._networks:
            put: Any = partial(nn.Module.to, network)  # diffusers' own warns without cause
            put(device, self.dtype_of(network))
            put(memory_format=torch.channels_last)
        release_memory(self.device)

    def rest_in_turn(self) -> None:
        """From now on only the network at work is on the device; slower, and needs the least memory there."""
        self.rests_in_turn = self.device.type != "cpu"

    def on_device(self, network: Any) -> Any:
        """The network, on the device; when memory is short the others leave first."""
        if self.rests_in_turn:
            for other in self._networks:
                if other is not network:
                    other.to("cpu")
            network.to(self.device)
        return network


def _device_of(network: Any) -> torch.device | None:
    first = next(iter(network.parameters()), None)
    return None if first is None else first.device


def network_mib(network: Any) -> float:
    """Memory of one network's weights, in MiB."""
    weights = [*network.parameters(), *network.buffers()]
    return sum(weight.numel() * weight.element_size() for weight in weights) / (1 << 20)
