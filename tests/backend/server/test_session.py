# SPDX-License-Identifier: GPL-3.0-or-later
"""What a slow reader hears, which the system's socket buffers hide from tests over a real one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.jobs.keep import Keep
from backend.jobs.queue import Jobs
from backend.jobs.work import CODEC
from backend.server import session
from backend.server.library import LibraryDesk
from backend.server.models import EmptyShelf, ModelDesk
from backend.server.session import Session
from shared.errors import ProtocolError
from shared.geometry import Extent
from shared.messages import Cancel, FetchTiles, JobStatus, Message, Preview, PutTiles, Release, Shutdown, Tile


class SlowSocket:
    """Sends one message each time it is `allowed` to; hears what is put into `incoming`."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.allowed = asyncio.Semaphore(0)
        self.incoming: asyncio.Queue[bytes | str | None] = asyncio.Queue()

    async def send(self, data: bytes) -> None:
        await self.allowed.acquire()
        self.sent.append(CODEC.decode(data, "server"))

    async def __aiter__(self) -> AsyncIterator[bytes | str]:
        while (data := await self.incoming.get()) is not None:
            yield data


def play(tmp_path: Path, act, asked: list[str] | None = None) -> SlowSocket:
    """Run a session of a client that says nothing, while `act` goes on."""

    async def run() -> SlowSocket:
        socket = SlowSocket()
        jobs = Jobs("tests.backend.jobs.performs:perform", tmp_path / "log", Keep(tmp_path), lambda *_: None)
        desk = ModelDesk(EmptyShelf(), lambda _: None, lambda: None)
        styles = LibraryDesk({}, lambda _: None)
        held = Session(socket, "me", jobs, desk, styles, lambda: asked.append("shutdown"))
        running = asyncio.create_task(held.run())
        try:
            await act(held, socket)
        finally:
            socket.incoming.put_nowait(None)
            await running
        return socket

    return asyncio.run(run())


def test_of_statuses_and_previews_the_latest_is_told_and_nothing_else_is_lost(tmp_path: Path) -> None:
    tiles = [PutTiles("job", (Tile(bytes([n]) * 16, b"x"),)) for n in range(3)]

    async def act(held: Session, socket: SlowSocket) -> None:
        held.say(tiles[0])
        for step in range(100):
            held.say(JobStatus("a", "running", step=step))
            held.say(Preview("a", step, Extent(1, 1), bytes(4)))
            held.say(JobStatus("b", "queued", position=step))
        held.say(tiles[1])
        held.say(JobStatus("a", "done"))
        held.say(tiles[2])
        for _ in range(50):
            socket.allowed.release()
        await asyncio.sleep(0.05)

    sent = play(tmp_path, act).sent
    assert [m for m in sent if isinstance(m, PutTiles)] == tiles
    assert len(sent) == 6
    assert JobStatus("a", "done") in sent and JobStatus("b", "queued", position=99) in sent
    assert next(m.step for m in sent if isinstance(m, Preview)) == 99


def test_a_client_that_asks_and_never_reads_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "MAX_OUTBOX", 100)

    async def act(held: Session, socket: SlowSocket) -> None:
        for _ in range(200):
            held.say(PutTiles("job", ()))
        socket.incoming.put_nowait(CODEC.encode(FetchTiles("none", ())))
        await asyncio.sleep(0.05)

    with pytest.raises(ProtocolError, match="100 answers are waiting"):
        play(tmp_path, act)


def test_what_the_client_says_reaches_its_place(tmp_path: Path) -> None:
    asked: list[str] = []

    async def act(held: Session, socket: SlowSocket) -> None:
        for message in (Shutdown(), Cancel("unknown"), Release("unknown")):
            socket.incoming.put_nowait(CODEC.encode(message))
        await asyncio.sleep(0.05)

    assert play(tmp_path, act, asked).sent == [] and asked == ["shutdown"]


@pytest.mark.parametrize("data", ["text", b"\xc1"])
def test_what_is_no_message_ends_the_session(tmp_path: Path, data: bytes | str) -> None:
    async def act(held: Session, socket: SlowSocket) -> None:
        socket.incoming.put_nowait(data)
        await asyncio.sleep(0.05)

    with pytest.raises(ProtocolError):
        play(tmp_path, act)
