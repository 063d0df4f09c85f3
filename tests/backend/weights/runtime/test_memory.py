# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
import torch

from backend.weights.runtime import place as places
from backend.weights.runtime.loaded import Key, LoadedNetworks
from backend.weights.runtime.memory import choose_tier, decoding_edge_px, working_mib
from backend.weights.runtime.place import DevicePlacement, network_mib

CPU, ELSEWHERE = torch.device("cpu"), torch.device("meta")


@pytest.mark.parametrize(
    ("free", "tier"),
    [(None, "all"), (8000, "all"), (5600, "all"), (5599, "in_turn"), (4600, "in_turn"), (4599, "cpu")],
)
def test_the_quickest_way_that_has_room(free: float | None, tier: str) -> None:
    assert choose_tier(free, 5000, 4000, 600) == tier


def test_estimates_grow_with_pixels_and_precision() -> None:
    assert working_mib(512, torch.float16) == pytest.approx(640)
    assert working_mib(1024, torch.float32) == 8 * working_mib(512, torch.float16)
    edges = [decoding_edge_px(gib * 1024, torch.float16) for gib in (2, 8, 24)]
    assert edges == sorted(edges)
    assert edges[0] == 512
    assert 1024 <= edges[1] < decoding_edge_px(24 * 1024, torch.float16)
    assert decoding_edge_px(8 * 1024, torch.float32) < edges[1]


def networks() -> list[torch.nn.Linear]:
    return [torch.nn.Linear(512, 512), torch.nn.Linear(512, 1024)]


def settled(free: float, monkeypatch: pytest.MonkeyPatch) -> tuple[DevicePlacement, list[torch.nn.Linear]]:
    """Two networks of 0.5 and 1 MiB on a device with so much free."""
    monkeypatch.setattr(places, "free_mib", lambda device: free)
    place, both = DevicePlacement(ELSEWHERE, torch.float16), networks()
    for network in both:
        place.take_in(network)
    place.settle(0)
    return place, both


def test_enough_memory_takes_all(monkeypatch: pytest.MonkeyPatch) -> None:
    place, both = settled(1.6, monkeypatch)
    assert place.tier == "all"
    assert {network.weight.device for network in both} == {ELSEWHERE}


def test_less_takes_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    place, (small, large) = settled(1.2, monkeypatch)
    assert (place.tier, place.rests_in_turn, place.device) == ("in_turn", True, ELSEWHERE)
    assert {small.weight.device, large.weight.device} == {CPU}
    assert large.weight.dtype == torch.float16
    assert place.on_device(large).weight.device == ELSEWHERE
    assert small.weight.device == CPU


def test_too_little_stays_on_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    place, both = settled(0.9, monkeypatch)
    assert (place.tier, place.rests_in_turn, place.device) == ("cpu", False, CPU)
    assert {network.weight.dtype for network in both} == {torch.float32}


def test_a_processor_is_home_enough() -> None:
    place = DevicePlacement(CPU, torch.float16)
    place.take_in(networks()[0])
    place.settle(1 << 20)
    assert (place.tier, place.device, place.dtype) == ("all", CPU, torch.float32)


def test_what_is_wide_stays_wide() -> None:
    place, (one, two) = DevicePlacement(ELSEWHERE, torch.float16), networks()
    place.take_in(one, wide=True)
    place.take_in(two)
    place.take_in(two)
    assert place.networks == (one, two)
    place.move(ELSEWHERE)
    assert (one.weight.dtype, two.weight.dtype) == (torch.float32, torch.float16)
    assert network_mib(one) == pytest.approx(1, abs=0.01)
    place.widen(two)
    assert two.weight.dtype == torch.float32


class Machine:
    """So much memory, and models that take a part of it."""

    def __init__(self, total: float) -> None:
        self.total, self.loads = total, list[str]()
        self.warm = LoadedNetworks(self.free, lambda: None)

    def get(self, id: str) -> Any:
        return self.warm.get(Key("family", id), lambda: self.load(id), lambda: self.need(id))

    def load(self, id: str) -> Any:
        self.loads.append(id)
        return DevicePlacement(CPU, torch.float32)

    def __contains__(self, id: str) -> bool:
        return Key("family", id) in self.warm

    def need(self, id: str) -> float | None:
        return float(id) if id.isdigit() else None

    def free(self) -> float:
        return self.total - sum(float(id) for id in self.loads if id.isdigit() and id in self)


def test_models_stay_warm_while_there_is_room() -> None:
    machine = Machine(1000)
    for id in ("100", "200", "100", "200"):
        machine.get(id)
    assert machine.loads == ["100", "200"]


def test_the_longest_unused_makes_room() -> None:
    machine = Machine(1000)
    for id in ("300", "200", "300", "400"):
        machine.get(id)
    assert "300" in machine
    assert "200" not in machine
    machine.get("unknown")
    assert "300" not in machine
    assert "400" not in machine


def test_never_more_than_a_few() -> None:
    machine = Machine(1e9)
    for id in ("1", "2", "3", "4"):
        machine.get(id)
    assert [id in machine for id in ("1", "2", "3", "4")] == [False, True, True, True]


def test_families_make_room_before_anything_small() -> None:
    machine = Machine(1000)
    small = machine.warm.get(Key("completion"), object)
    for id in ("600", "650"):
        machine.get(id)
    assert "600" not in machine
    assert machine.warm.get(Key("completion"), object) is small
