# SPDX-License-Identifier: GPL-3.0-or-later
"""Do a request's act as the worker does, and put together what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from backend.acts.registry import perform as by_registry
from backend.acts.report import Quiet, Report
from backend.acts.work import Perform, RawPixels, Work
from shared.acts import Outcome, Request
from shared.geometry import Bounds
from shared.messages import Tile
from shared.pixels import assemble
from shared.surfaces import surfaces


@dataclass(frozen=True)
class Made:
    """An answer, and the bytes of its surfaces by field name."""

    bounds: Bounds
    outcome: Outcome
    data: dict[str, bytes]


def make(
    request: Request,
    pixels: dict[str, RawPixels],
    report: Report | None = None,
    perform: Perform = by_registry,
) -> Made:
    tiles: dict[bytes, bytes] = {}

    def emit(tile: Tile) -> None:
        tiles[tile.digest] = tile.data

    answer = perform(Work(request, pixels, emit), report or Quiet())
    data = {name: bytes(assemble(each, tiles.get)) for name, each in surfaces(answer.outcome).items()}
    return Made(answer.bounds, answer.outcome, data)
