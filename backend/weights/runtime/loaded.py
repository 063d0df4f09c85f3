# SPDX-License-Identifier: GPL-3.0-or-later
"""The one owner of loaded networks: families, extractors, the instant engine, and whatever is learnt.

Networks are kept ready between jobs, as many as there is room for; the longest unused goes first, of families
before anything small: the instant engine should not have to be loaded between two steps of a painting.
"""

from __future__ import annotations

import gc
from collections import OrderedDict
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from backend.weights.runtime.base_model import BaseModel
    from models.networks.completion import CompletionNet

SPARE = 1.5
"""A network needs this many times the bytes of its weights: it also has to work."""

MOST: dict[str, int] = {"family": 3, "line style": 4}
"""At most so many of a kind, 1 of any other."""

T = TypeVar("T")


class Key(NamedTuple):
    """What a network is, and which one of its kind."""

    kind: str
    id: str = ""


class LoadedNetworks:
    """
    Args:
        free_mib: Memory that is free for networks now; None where the system does not say.
        release: Gives back what dropped networks held, called after each.
    """

    def __init__(self, free_mib: Callable[[], float | None], release: Callable[[], None]) -> None:
        self._free_mib, self._release = free_mib, release
        self._held: OrderedDict[Key, Any] = OrderedDict()

    def __contains__(self, key: Key) -> bool:
        return key in self._held

    def get(self, key: Key, load: Callable[[], T], need_mib: Callable[[], float | None] = lambda: 0.0) -> T:
        """The network, loaded once; others make room for it.

        Args:
            need_mib: Memory that its weights will take; None where that is not known: then it gets all.

        Raises: what `load` does; those that were dropped are loaded again when they are wanted.
        """
        if key not in self._held:
            self._make_room(key, need_mib())
            self._held[key] = load()
        self._held.move_to_end(key)
        return self._held[key]

    def clear(self) -> None:
        """Keep nothing."""
        self._held.clear()

    def _make_room(self, key: Key, need_mib: float | None) -> None:
        same = [other for other in self._held if other.kind == key.kind]
        for other in same[: max(0, len(same) + 1 - MOST.get(key.kind, 1))]:
            self._drop(other)
        while self._held and not self._has_room(need_mib):
            families = [other for other in self._held if other.kind == "family"]
            self._drop(families[0] if families else next(iter(self._held)))

    def _has_room(self, need_mib: float | None) -> bool:
        if need_mib == 0:
            return True
        free = self._free_mib()
        return need_mib is not None and free is not None and free >= SPARE * need_mib

    def _drop(self, key: Key) -> None:
        del self._held[key]
        gc.collect()
        self._release()


@cache
def networks() -> LoadedNetworks:
    """Those of this process."""
    from backend.weights.runtime.device import choose_device, free_mib, release_memory

    device = choose_device()
    return LoadedNetworks(lambda: free_mib(device), lambda: release_memory(device))


def family(id: str) -> BaseModel:
    """A family that can paint.

    Raises:
        MissingWeights, BadRequest: it cannot be loaded.
    """
    from backend.weights.runtime.families import load_family, weights_mib

    return networks().get(Key("family", id), lambda: load_family(id), lambda: weights_mib(id))


def completion() -> CompletionNet:
    """The network of the instant engine: `weights/completion` of the backend's folder, else ours.

    Raises:
        MissingWeights: it is missing or damaged.
    """
    from backend.home import weights_dir
    from backend.weights.runtime.completion import COMPLETION, load_completion
    from backend.weights.runtime.device import choose_device

    def load() -> CompletionNet:
        own = weights_dir() / COMPLETION.name
        return load_completion(choose_device(), own if own.exists() else COMPLETION)

    return networks().get(Key("completion"), load)
