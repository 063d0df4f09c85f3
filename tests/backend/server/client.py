# SPDX-License-Identifier: GPL-3.0-or-later
"""A client for the tests, and the backend process that it talks to."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgpack.fallback
from websockets.sync.client import ClientConnection, connect

from backend.server.state import State
from shared.acts import PaintRequest
from shared.codec import MAX_MESSAGE_BYTES, Codec
from shared.geometry import Bounds, Extent
from shared.messages import (
    Failed,
    FetchTiles,
    Hello,
    JobStatus,
    Message,
    NeedTiles,
    PutTiles,
    Result,
    Submit,
    Welcome,
)
from shared.pixels import Cut, TileStore, assemble, cut
from shared.version import PROTOCOL

REPO = Path(__file__).parents[3]
CODEC = Codec(msgpack.fallback.Packer().pack, msgpack.fallback.unpackb)
M = TypeVar("M")


class Backend:
    """A backend process with a home of its own."""

    def __init__(self, home: Path, *options: str, stdin: int | None = subprocess.DEVNULL) -> None:
        self.home = home
        command = [sys.executable, "-m", "tests.backend.server.program", str(home), *options]
        self.process = subprocess.Popen(
            command, cwd=REPO, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    @property
    def state(self) -> State:
        return until(lambda: State.read(self.home / "run"), "the backend did not say where it listens")

    def connect(self, client_id: str = "krita-1") -> Client:
        state = self.state
        client = Client(
            connect(f"ws://127.0.0.1:{state.port}/", compression=None, max_size=MAX_MESSAGE_BYTES)
        )
        client.say(Hello(PROTOCOL, state.token, "tests", client_id))
        client.welcome = client.wait(Welcome)
        return client

    def ended(self, timeout_s: float = 60) -> tuple[int, str, str]:
        """Wait for its end: exit code, output, errors."""
        out, errors = self.process.communicate(timeout=timeout_s)
        return self.process.returncode, out, errors

    def __enter__(self) -> Backend:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        if self.process.stdout is not None and not self.process.stdout.closed:
            self.process.communicate(timeout=60)


class Client:
    """Keeps every message that it has read in `heard`."""

    welcome: Welcome

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[Message] = []
        self.sent_bytes = 0
        self.store = TileStore(1 << 30)

    def say(self, message: Message) -> None:
        data = CODEC.encode(message)
        self.sent_bytes += len(data)
        self.socket.send(data)

    def hear(self, timeout_s: float = 60) -> Message:
        data = self.socket.recv(timeout=timeout_s)
        assert isinstance(data, bytes)
        message = CODEC.decode(data, "server")
        self.heard.append(message)
        if isinstance(message, PutTiles):
            for tile in message.tiles:
                assert self.store.put(tile) is not None
        return message

    def wait(self, kind: type[M], **fields: Any) -> M:
        """Read on until a message of this kind with these fields."""
        while True:
            message = self.hear()
            if isinstance(message, kind) and all(getattr(message, k) == v for k, v in fields.items()):
                return message

    def answer(self, cuts: list[Cut], job_id: str) -> None:
        """Send what the backend lacks until the job is queued."""
        while True:
            message = self.hear()
            if isinstance(message, NeedTiles):
                for made in cuts:
                    for tile in made.whole(message.digests):
                        self.say(PutTiles("job", (tile,)))
            if isinstance(message, JobStatus) and message.job_id == job_id and message.state != "waiting":
                return

    def paint(self, request: PaintRequest, cuts: list[Cut], job_id: str) -> Result:
        self.say(Submit(job_id, request))
        self.answer(cuts, job_id)
        return self.result(job_id)

    def result(self, job_id: str) -> Result:
        while True:
            message = self.hear()
            assert not isinstance(message, Failed), message
            if isinstance(message, Result) and message.job_id == job_id:
                return message

    def pixels(self, result: Result) -> bytes:
        """Fetch what has not come by itself."""
        if missing := self.store.missing(result.outcome.layer.tiles):
            self.say(FetchTiles(result.job_id, missing))
        while self.store.missing(result.outcome.layer.tiles):
            self.wait(PutTiles)
        return bytes(assemble(result.outcome.layer, self.store.get))

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_seeds = itertools.count()


def picture(width: int = 300, height: int = 270, pixel: int = 4) -> bytes:
    """Noise that no other call gives."""
    return random.Random(next(_seeds)).randbytes(width * height * pixel)


def request(
    prompt: str = "", *, steps: int = 3, image: bytes | None = None, **fields: Any
) -> tuple[PaintRequest, list[Cut]]:
    """A request of 300 x 270 pixels and the cuts that hold its tiles."""
    extent = Extent(300, 270)
    mask = cut(b"\xff" * extent.area, extent, "grey_u8")
    cuts = [mask] if image is None else [mask, cut(image, extent, "bgra_u8")]
    made = PaintRequest(
        canvas=Extent(1000, 1000),
        area=Bounds(20, 10, 300, 270),
        mask=mask.surface,
        image=cuts[1].surface if image is not None else None,
        prompt=prompt,
        steps=steps,
        seed=7,
        **fields,
    )
    return made, cuts


T = TypeVar("T")


def until(ask: Callable[[], T | None], complaint: str, timeout_s: float = 60) -> T:
    """The first answer that is neither None nor False."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        answer = ask()
        if answer is not None and answer is not False:
            return answer
        time.sleep(0.02)
    raise AssertionError(complaint)
