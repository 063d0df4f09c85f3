# SPDX-License-Identifier: GPL-3.0-or-later
"""The child process that paints: `python -m backend.jobs.worker module:function`.

Standard input and output carry the same messages as the socket, each after its length in 4 bytes; all that
anybody prints goes to standard error, the log. The process ends when its input does, so it never outlives the
backend.
"""

from __future__ import annotations

import importlib
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, NoReturn, cast

from backend.acts.registry import schedule_of
from backend.acts.work import Answer, Perform, RawPixels, Work
from backend.jobs.work import CODEC, Gathering, batches, need
from shared.acts import Request
from shared.codec import MAX_MESSAGE_BYTES
from shared.errors import Cancelled, ProtocolError, Refusal
from shared.geometry import Extent
from shared.messages import (
    Cancel,
    Failed,
    JobStatus,
    Message,
    Preview,
    PutTiles,
    Result,
    Submit,
    Surface,
    Tile,
    Welcome,
)
from shared.pixels import TileStore, assemble
from shared.surfaces import surfaces
from shared.version import PROTOCOL, VERSION

STORE_BYTES = 256 * 2**20
DESK_BYTES = 256 * 2**20
STATUS_INTERVAL_S = 0.1
LENGTH_BYTES = 4

log = logging.getLogger(__name__)


class Channel:
    """Whole messages over two pipes. Any thread may send."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        self._source, self._sink, self._lock = source, sink, threading.Lock()

    def receive(self) -> Message | None:
        """The next message; None at the end."""
        head = self._source.read(LENGTH_BYTES)
        if len(head) < LENGTH_BYTES:
            return None
        data = self._source.read(int.from_bytes(head, "big"))
        return CODEC.decode(data, "client")

    def send(self, message: Message) -> None:
        data = CODEC.encode(message)
        with self._lock:
            self._sink.write(len(data).to_bytes(LENGTH_BYTES, "big"))
            self._sink.write(data)
            self._sink.flush()


def _nothing() -> None: ...


class ChannelReport:
    """A Report that travels: a status every STATUS_INTERVAL_S, besides new notes and the last step.

    Args:
        between: Called between steps.
    """

    def __init__(
        self,
        job_id: str,
        send: Callable[[Message], None],
        cancelled: threading.Event,
        between: Callable[[], None] = _nothing,
    ) -> None:
        self._job_id, self._send, self._cancelled, self._between = job_id, send, cancelled, between
        self._sent_at, self._note = 0.0, ""

    def progress(self, step: int, steps: int, note: str = "") -> None:
        now = time.monotonic()
        if step < steps and note == self._note and now - self._sent_at < STATUS_INTERVAL_S:
            return
        self._sent_at, self._note = now, note
        state = "running" if step else "loading"
        self._send(JobStatus(self._job_id, state, step=step, steps=steps, note=note))

    def preview(self, step: int, width: int, height: int, bgra: bytes) -> None:
        if len(bgra) != width * height * 4:
            raise ValueError(f"{len(bgra)} bytes are not {width} x {height} BGRA")
        self._send(Preview(self._job_id, step, Extent(width, height), bgra))

    def check(self) -> None:
        self._between()
        if self._cancelled.is_set():
            raise Cancelled


@dataclass(frozen=True)
class Order:
    """A job with its tiles, and whether it is to stop."""

    submit: Submit
    gathering: Gathering
    cancelled: threading.Event = field(default_factory=threading.Event)


class Inbox:
    """Reads on a thread of its own: a Cancel must arrive while the work goes on."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._store = TileStore(STORE_BYTES, verify=False)
        self._gathering: list[Order] = []
        self._open: dict[str, Order] = {}
        self.ready: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self.aside: queue.SimpleQueue[Order] = queue.SimpleQueue()

    def read(self) -> None:
        """Until the end, then leave at once: nobody is there to paint for."""
        try:
            while (message := self._channel.receive()) is not None:
                self._take(message)
        except (OSError, ValueError, ProtocolError):
            log.exception("the backend cannot be understood")
        os._exit(0)

    def close(self, order: Order) -> None:
        """It has ended."""
        self._open.pop(order.submit.job_id, None)

    def _take(self, message: Message) -> None:
        if isinstance(message, Submit):
            order = Order(message, Gathering(message.request, self._store))
            self._open[message.job_id] = order
            self._gathering.append(order)
            for request in need(message.job_id, order.gathering.missing):
                self._channel.send(request)
        elif isinstance(message, PutTiles):
            for tile in message.tiles:
                self._store.put(tile)
                for order in self._gathering:
                    order.gathering.offer(tile.digest, tile.data)
        elif isinstance(message, Cancel) and message.job_id in self._open:
            self._open[message.job_id].cancelled.set()
        for order in [order for order in self._gathering if not order.gathering.missing]:
            self._gathering.remove(order)
            self._pass_on(order)

    def _pass_on(self, order: Order) -> None:
        """To the one who works; None in `ready` says that there is something aside."""
        aside = schedule_of(order.submit.request).interleaved
        if aside:
            self.aside.put(order)
        self.ready.put(None if aside else order)


class Desk:
    """The last job's pixels: where the next one shows the same layers, only changes are put together."""

    def __init__(self) -> None:
        self._lying: dict[str, tuple[Surface, bytearray]] = {}

    def lay_out(self, request: Request, gathering: Gathering) -> dict[str, RawPixels]:
        """The whole pixels of a request. Those of the request before are written over.

        Raises:
            ProtocolError: a tile has another size than its place.
        """
        before, self._lying = self._lying, {}
        made: dict[str, tuple[Surface, bytearray]] = {}
        for name, surface in surfaces(request).items():
            made[name] = surface, assemble(surface, gathering.tiles.get, before.pop(name, None))
        if sum(len(buffer) for _, buffer in made.values()) <= DESK_BYTES:
            self._lying = made
        return {name: RawPixels(s.extent, s.format, buffer) for name, (s, buffer) in made.items()}


def work_on(
    submit: Submit,
    gathering: Gathering,
    desk: Desk,
    perform: Perform,
    channel: Channel,
    cancelled: threading.Event,
    between: Callable[[], None] = _nothing,
    shown: set[bytes] | None = None,
) -> None:
    """Do one job and send how it ended.

    Args:
        shown: Tiles that the backend has of the last preview and need not be sent; afterwards of this one.
    """
    started = time.monotonic()
    report = ChannelReport(submit.job_id, channel.send, cancelled, between)
    try:
        report.check()
        pixels = desk.lay_out(submit.request, gathering)
        answer = perform(Work(submit.request, pixels, emitter(submit.job_id, channel, shown)), report)
        seconds = time.monotonic() - started
        channel.send(Result(submit.job_id, answer.bounds, seconds, answer.outcome))
        remember(answer, shown)
    except Cancelled:
        channel.send(JobStatus(submit.job_id, "cancelled"))
    except Refusal as refusal:
        channel.send(Failed(submit.job_id, refusal.code, refusal.message, refusal.remedy))
    except Exception as fault:  # the job runner's border: one job's bug must not end the others
        log.exception("job %s", submit.job_id)
        words = f"The work stopped on an error of the program ({type(fault).__name__})."
        channel.send(
            Failed(submit.job_id, "internal", words, "Report it with the output of: underdrawing doctor")
        )


def emitter(job_id: str, channel: Channel, shown: set[bytes] | None) -> Callable[[Tile], None]:
    """Sends tiles as they are named, but those that the backend has."""

    def emit(tile: Tile) -> None:
        if shown is not None and tile.digest in shown:
            return
        for message in batches(job_id, [tile]):
            channel.send(message)

    return emit


def remember(answer: Answer, shown: set[bytes] | None) -> None:
    """Of a preview the backend has these tiles now."""
    if shown is not None:
        shown.clear()
        shown.update(name for surface in surfaces(answer.outcome).values() for name in surface.tiles)


class JobRunner:
    """Does what the inbox holds, one job at a time; what is aside in between."""

    def __init__(self, inbox: Inbox, perform: Perform, channel: Channel) -> None:
        self._inbox, self._perform, self._channel = inbox, perform, channel
        self._desk, self._desk_aside = Desk(), Desk()
        self._shown: set[bytes] = set()

    def work(self) -> NoReturn:
        while True:
            order = self._inbox.ready.get()
            self.do_aside()
            if order is not None:
                self._do(order, self._desk, self.do_aside)

    def do_aside(self) -> None:
        """All that is aside now."""
        while not self._inbox.aside.empty():
            self._do(self._inbox.aside.get(), self._desk_aside)

    def _do(self, order: Order, desk: Desk, between: Callable[[], None] = _nothing) -> None:
        given = order.submit, order.gathering, desk, self._perform, self._channel, order.cancelled
        is_live = schedule_of(order.submit.request).is_live
        work_on(*given, between=between, shown=self._shown if is_live else None)
        self._inbox.close(order)


def main(target: str) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    channel = Channel(os.fdopen(os.dup(0), "rb", 2**20), os.fdopen(os.dup(1), "wb", 2**16))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    inbox = Inbox(channel)
    threading.Thread(target=inbox.read, daemon=True, name="inbox").start()
    module_name, _, function = target.partition(":")
    module = importlib.import_module(module_name)
    perform = cast("Perform", getattr(module, function))
    prepare = cast("Callable[[], str] | None", getattr(module, "prepare", None))
    device = prepare() if prepare else ""
    channel.send(Welcome(PROTOCOL, VERSION, device, (), (), MAX_MESSAGE_BYTES))
    log.info("ready on %s", device or "no device of its own")
    JobRunner(inbox, perform, channel).work()


if __name__ == "__main__":
    main(sys.argv[1])
