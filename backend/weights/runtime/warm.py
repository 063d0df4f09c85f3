# SPDX-License-Identifier: GPL-3.0-or-later
"""Models kept ready between paintings, as many as there is room for; the longest unused goes first."""

from __future__ import annotations

import gc
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.weights.runtime.base_model import BaseModel

MOST = 3
SPARE = 1.5
"""A model needs this many times the bytes of its weights: it also has to work."""


class WarmModels:
    """Loads models and keeps them.

    Args:
        load: Loads a model by its id.
        need_mib: Memory that a model's weights will take, by its id; None where that is not known.
        free_mib: Memory that is free for models now; None where the system does not say.
    """

    def __init__(
        self,
        load: Callable[[str], BaseModel],
        need_mib: Callable[[str], float | None],
        free_mib: Callable[[], float | None],
    ) -> None:
        self._load, self._need_mib, self._free_mib = load, need_mib, free_mib
        self._models: OrderedDict[str, BaseModel] = OrderedDict()

    def __contains__(self, id: str) -> bool:
        return id in self._models

    def get(self, id: str) -> BaseModel:
        """The model, loaded once; others make room for it.

        Raises: what `load` does; those that were dropped are loaded again when they are wanted.
        """
        if id not in self._models:
            self._make_room(id)
            self._models[id] = self._load(id)
        self._models.move_to_end(id)
        return self._models[id]

    def _make_room(self, id: str) -> None:
        while self._models and (len(self._models) >= MOST or not self._has_room(id)):
            _, dropped = self._models.popitem(last=False)
            device = dropped.device
            del dropped
            gc.collect()
            from backend.weights.runtime.device import release_memory

            release_memory(device)

    def _has_room(self, id: str) -> bool:
        need, free = self._need_mib(id), self._free_mib()
        return need is not None and free is not None and free >= SPARE * need
