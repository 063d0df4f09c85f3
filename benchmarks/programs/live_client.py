# SPDX-License-Identifier: GPL-3.0-or-later
"""An artist with Live on, without Krita: draws a stroke, sends what it changed, and waits for the answer.

The server, its queue, its worker and the networks are those that Krita's docker talks to, in processes of
their own; the plugin's own connection and tile cache are on this side.
"""

from __future__ import annotations

import math
import os
import random
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from backend.home import HOME_VARIABLE
from backend.jobs.work import CODEC
from backend.server.state import State
from benchmarks.wire import REPO
from shared.acts import PaintRequest
from shared.errors import Refusal
from shared.geometry import Bounds, Extent
from shared.messages import ClientMessage, Failed, NeedTiles, PutTiles, Release, Result, Submit
from shared.pixels import Cut, SurfaceCache, TileStore, assemble
from shared.surfaces import surfaces

if TYPE_CHECKING:
    from krita_plugin.underdrawing.link.peer import Peer

START_S = 120.0
PEN_PX, STEPS = 5, 60
Engine = Literal["full", "instant"]


@dataclass(frozen=True)
class Answer:
    """What one stroke took.

    Attributes:
        total_ms: from the stroke's bytes to the preview's bytes.
        act_ms: of that in the worker, pixels laid out to preview made.
        sent_bytes, got_bytes: over the socket, messages' heads included.
    """

    total_ms: float
    act_ms: float
    sent_bytes: int
    got_bytes: int


@contextmanager
def artist(home: Path, canvas_px: int, seed: int, engine: Engine) -> Generator[Artist]:
    """A backend of its own in an empty folder, and an artist who marked the middle of a picture."""
    if str(REPO) not in sys.path:
        sys.path.append(str(REPO))  # the plugin is no package of the backend's, it lies beside it
    from krita_plugin.underdrawing.link.peer import Peer

    command = [sys.executable, "-m", "backend.cli", "serve", "--owned"]
    environment = os.environ | {HOME_VARIABLE: str(home)}
    silent = subprocess.DEVNULL
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=silent, env=environment, cwd=REPO
    ) as process:
        try:
            state = _started(home, process)
            peer = Peer(state.port, state.token, client="bench", client_id="bench")
            try:
                yield Artist(peer, canvas_px, seed, engine)
            finally:
                peer.close()
        finally:
            process.kill()


def _started(home: Path, process: subprocess.Popen[bytes]) -> State:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        if (state := State.read(home / "run")) is not None:
            return state
        time.sleep(0.05)
    raise RuntimeError("the backend did not start")


class Artist:
    """A picture of which the middle, half as wide, is marked, with lines and colours drawn in it.

    Args:
        canvas_px: side of the picture.
    """

    def __init__(self, peer: Peer, canvas_px: int, seed: int, engine: Engine) -> None:
        self._peer, self._heard = peer, iter(peer)
        self._dice, self._cache = random.Random(seed), SurfaceCache(1 << 30)
        self._arrived = TileStore(1 << 30, verify=False)
        self._jobs = self._sent = self._got = 0
        marked = Bounds(canvas_px // 4, canvas_px // 4, canvas_px // 2, canvas_px // 2)
        canvas = Extent(canvas_px, canvas_px)
        area = marked.grown(-(-marked.width // 3)).intersect(Bounds.of(canvas))
        self._extent, self._marked = area.extent, marked.shifted(-area.x, -area.y)
        self._drawn = {name: bytearray(area.extent.area * 4) for name in ("contour", "colours")}
        for _ in range(4):
            self._draw("colours", 21)
            self._draw("contour", PEN_PX)
        self._cuts = {"mask": self._cut("mask", self._mask()), "image": self._cut("image", self._image())}
        self._request = PaintRequest(
            canvas, area, self._cuts["mask"].surface, engine=engine, live=True, quick=True, seed=seed
        )

    def stroke(self) -> Answer:
        """Draw a line of contour, and wait for the preview.

        Raises:
            Refusal: the backend cannot answer.
        """
        self._draw("contour", PEN_PX)
        captured = {name: bytes(layer) for name, layer in self._drawn.items()}
        self._sent = self._got = 0
        began = time.perf_counter()
        self._cuts |= {name: self._cut(name, data) for name, data in captured.items()}
        self._jobs += 1
        patches = tuple(tile for cut in self._cuts.values() for tile in cut.changes if tile.patch is not None)
        job_id = f"live-{self._jobs}"
        if patches:  # the link sends few changes ahead of the request
            self._say(PutTiles(job_id, patches))
        layers: dict[str, Any] = {name: cut.surface for name, cut in self._cuts.items()}
        self._say(Submit(job_id, replace(self._request, **layers)))
        result = self._answer()
        for surface in surfaces(result.outcome).values():
            assemble(surface, self._arrived.get)
        total = (time.perf_counter() - began) * 1000
        return Answer(total, result.seconds * 1000, self._sent, self._got)

    def _answer(self) -> Result:
        for message in self._heard:
            self._got += len(CODEC.encode(message))
            match message:
                case NeedTiles(job_id=job_id, digests=digests):
                    for tile in (tile for cut in self._cuts.values() for tile in cut.whole(digests)):
                        self._say(PutTiles(job_id, (tile,)))
                case PutTiles(tiles=tiles):
                    for tile in tiles:
                        self._arrived.put(tile)
                case Result():
                    self._say(Release(message.job_id))
                    return message
                case Failed():
                    raise Refusal(message.message, message.remedy, code=message.code)
                case _:
                    pass
        raise RuntimeError("the backend left")

    def _say(self, message: ClientMessage) -> None:
        self._peer.send(message)
        self._sent += len(CODEC.encode(message))

    def _cut(self, name: str, data: bytes) -> Cut:
        return self._cache.cut(name, data, self._extent, "grey_u8" if name == "mask" else "bgra_u8")

    def _draw(self, layer: str, width_px: int) -> None:
        """A crooked line of one colour through the marked part."""
        inner = self._marked
        x, y = (self._dice.uniform(0.2, 0.8) for _ in "xy")
        heading = self._dice.uniform(0, 2 * math.pi)
        dab = bytes([*self._dice.randbytes(3), 255]) * width_px
        for _ in range(STEPS):
            heading += self._dice.gauss(0, 0.15)
            x, y = (x + math.cos(heading) / 200) % 1, (y + math.sin(heading) / 200) % 1
            left = int(inner.x + x * (inner.width - width_px))
            top = int(inner.y + y * (inner.height - width_px))
            for row in range(top, top + width_px):
                at = (row * self._extent.width + left) * 4
                self._drawn[layer][at : at + len(dab)] = dab

    def _mask(self) -> bytes:
        inner, width = self._marked, self._extent.width
        row = bytes(inner.x) + b"\xff" * inner.width + bytes(width - inner.right)
        return (
            bytes(width * inner.y) + row * inner.height + bytes(width * (self._extent.height - inner.bottom))
        )

    def _image(self) -> bytes:
        """Slopes of colour, opaque."""
        width, height = self._extent
        across = [x * 200 // width for x in range(width)]
        down = [40 + y * 200 // height for y in range(height)]
        return b"".join(bytes(v for x in across for v in (x, y, 240 - x, 255)) for y in down)
