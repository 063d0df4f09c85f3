# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a layer takes from the plugin to the backend's worker and back, on loopback.

The plugin's own connection and pure-Python MessagePack on this side; the real server, its queue and a real
worker process on the other. Timed from the first look at the layer's bytes (comparing, hashing) until the
painted layer's bytes lie ready. `stroke_...`: one 256 x 256 rectangle, not aligned with tiles, has changed,
travels, and comes back as the painted layer. `stroke_256_bytes` counts all that the plugin sends for it.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from backend.jobs.work import CODEC
from backend.server.state import State
from benchmarks.form import Figure, Progress, interval, timing
from shared.acts import Painting, PaintRequest
from shared.errors import Refusal
from shared.geometry import Bounds, Extent
from shared.messages import ClientMessage, Failed, NeedTiles, PutTiles, Release, Result, Submit, Surface, Tile
from shared.pixels import Cut, SurfaceCache, TileStore, assemble

if TYPE_CHECKING:
    from krita_plugin.underdrawing.link.peer import Peer

REPO = Path(__file__).parents[1]
EDGE_PX = 2048
STROKE_PX = 256
SAMPLES, QUICK_SAMPLES = 60, 12
WARM_UP = 2
BATCH_BYTES = 512 * 1024
FRAME_BYTES = 14
"""At most: WebSocket's head of a client's frame."""


def run(quick: bool, seed: int, progress: Progress) -> list[Figure]:
    samples = WARM_UP + (QUICK_SAMPLES if quick else SAMPLES)
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="ud-bench-") as folder, connected(Path(folder)) as client:
        progress(f"{samples} layers of {EDGE_PX} x {EDGE_PX}")
        trips, copies = client.layers(samples, dice)
        progress(f"{samples} strokes of {STROKE_PX} x {STROKE_PX}")
        strokes, sent = client.strokes(samples, dice)
    ratios = [trip / copy for trip, copy in zip(trips, copies, strict=True)]
    return [
        timing("roundtrip_2048_ms", trips[WARM_UP:]),
        interval("roundtrip_2048_over_copy", ratios[WARM_UP:], of=statistics.median, seed=seed),
        timing("copy_2048_ms", copies[WARM_UP:]),
        timing("stroke_256_ms", strokes[WARM_UP:]),
        timing("stroke_256_bytes", sent[WARM_UP:], "bytes"),
    ]


@contextmanager
def connected(home: Path) -> Generator[Client]:
    """A backend process, and the client that is connected to it."""
    if str(REPO) not in sys.path:
        sys.path.append(str(REPO))  # the plugin is no package of the backend's, it lies beside it
    from krita_plugin.underdrawing.link.peer import Peer

    command = [sys.executable, "-m", "benchmarks.programs.wire_backend", str(home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        state = State.read(home / "run")
        if state is None:
            raise RuntimeError("the backend did not start")
        peer = Peer(state.port, state.token, client="bench", client_id="bench")
        try:
            yield Client(peer)
        finally:
            peer.close()
            process.kill()


class Client:
    """What the plugin's link does, in one thread."""

    def __init__(self, peer: Peer) -> None:
        self._peer, self._heard = peer, iter(peer)
        self._extent = Extent(EDGE_PX, EDGE_PX)
        self._cache = SurfaceCache(1 << 30)
        self._jobs = 0
        self._said: list[ClientMessage] = []

    def layers(self, samples: int, dice: random.Random) -> tuple[list[float], list[float]]:
        """Milliseconds of whole layers, every byte of them new, and of one plain copy of each."""
        trips: list[float] = []
        copies: list[float] = []
        for _ in range(samples):
            layer = dice.randbytes(self._extent.area * 4)
            started = time.perf_counter()
            copy = bytearray(layer)
            copied = time.perf_counter()
            back = self._round_trip(layer, Bounds.of(self._extent))
            trips.append((time.perf_counter() - copied) * 1000)
            copies.append((copied - started) * 1000)
            if bytes(back) != layer or bytes(copy) != layer:
                raise RuntimeError("the layer came back changed")
        return trips, copies

    def strokes(self, samples: int, dice: random.Random) -> tuple[list[float], list[float]]:
        """Milliseconds and bytes sent when one rectangle of a known layer has changed."""
        trips: list[float] = []
        sent: list[float] = []
        layer = bytearray(dice.randbytes(self._extent.area * 4))
        self._round_trip(bytes(layer), Bounds(0, 0, 1, 1))
        for _ in range(samples):
            x, y = (dice.randrange(1, EDGE_PX - STROKE_PX, 2) for _ in "xy")  # odd: on no tile's border
            at = Bounds(x, y, STROKE_PX, STROKE_PX)
            stroke = dice.randbytes(at.extent.area * 4)
            for row in range(at.height):
                start = ((at.y + row) * EDGE_PX + at.x) * 4
                layer[start : start + at.width * 4] = stroke[row * at.width * 4 : (row + 1) * at.width * 4]
            captured = bytes(layer)
            self._said.clear()
            started = time.perf_counter()
            back = self._round_trip(captured, at)
            trips.append((time.perf_counter() - started) * 1000)
            sent.append(float(sum(len(CODEC.encode(message)) + FRAME_BYTES for message in self._said)))
            if bytes(back) != stroke:
                raise RuntimeError("the stroke came back changed")
        return trips, sent

    def _round_trip(self, layer: bytes, part: Bounds) -> bytearray:
        """Name the layer's tiles, submit, send what is asked for, and put the result together."""
        self._jobs += 1
        job_id = f"job-{self._jobs}"
        cut = self._cache.cut("image", layer, self._extent, "bgra_u8")
        request = PaintRequest(
            canvas=self._extent,
            area=Bounds.of(self._extent),
            mask=Surface(self._extent, "grey_u8", (b"",) * len(cut.surface.tiles)),
            image=cut.surface,
            prompt=f"{part.x} {part.y} {part.width} {part.height}",
        )
        patches = tuple(tile for tile in cut.changes if tile.patch is not None)
        if patches:  # the link sends few changes ahead of the request
            self._say(PutTiles(job_id, patches))
        self._say(Submit(job_id, request))
        arrived = TileStore(1 << 30, verify=False)  # as the link
        for message in self._heard:
            if isinstance(message, NeedTiles):
                self._answer(cut, message)
            elif isinstance(message, PutTiles):
                for tile in message.tiles:
                    arrived.put(tile)
            elif isinstance(message, Result) and isinstance(message.outcome, Painting):
                pixels = assemble(message.outcome.layer, arrived.get)
                self._say(Release(job_id))
                return pixels
            elif isinstance(message, Failed):
                raise Refusal(message.message, message.remedy, code=message.code)
        raise RuntimeError("the backend left")

    def _answer(self, cut: Cut, asked: NeedTiles) -> None:
        wanted = set(asked.digests)
        batch: list[Tile] = []
        for tile in cut.changes:
            if tile.digest in wanted:
                if batch and sum(len(held.data) for held in batch) + len(tile.data) > BATCH_BYTES:
                    self._say(PutTiles(asked.job_id, tuple(batch)))
                    batch = []
                batch.append(tile)
        if batch:
            self._say(PutTiles(asked.job_id, tuple(batch)))

    def _say(self, message: ClientMessage) -> None:
        self._peer.send(message)
        self._said.append(message)
