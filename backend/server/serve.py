# SPDX-License-Identifier: GPL-3.0-or-later
"""The server from start to end: bind, tell where, greet clients, and leave when nobody needs it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import signal
import ssl
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from websockets.asyncio.server import Server as Listener
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from backend.jobs.keep import Keep
from backend.jobs.queue import Jobs
from backend.jobs.work import CODEC
from backend.server.gate import admit, gate, tls_context
from backend.server.library import LearntShelf, LibraryDesk
from backend.server.models import ModelDesk, Shelf
from backend.server.session import Session
from backend.server.state import State, cannot_write, claim, new_token
from shared.codec import MAX_MESSAGE_BYTES
from shared.errors import ProtocolError, Refusal
from shared.library_messages import LearntKind
from shared.messages import Failed, FamilyInfo, Hello, ServerMessage, Welcome
from shared.version import PROTOCOL, VERSION

HELLO_S = 10.0
ORPHAN_S = 5.0
WATCH_S = 0.2
MAX_CLIENTS = 16
UNREAD_MESSAGES = 8

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """
    Args:
        target: "module:function" of the Perform that the worker runs.
        run, jobs, logs: Folders that exist.
        families: Asked at every greeting, for weights come and go.
        shelf: The models on this machine.
        library: The things learnt on this machine, by kind.
        owned: End when standard input does and no client is left.
        host, port: Where to listen; port 0 for a free one.
        tls_cert, tls_key: PEM files.
    """

    target: str
    run: Path
    jobs: Path
    logs: Path
    families: Callable[[], tuple[FamilyInfo, ...]]
    shelf: Shelf
    library: Mapping[LearntKind, LearntShelf] = field(default_factory=dict[LearntKind, LearntShelf])
    owned: bool = False
    host: str = "127.0.0.1"
    port: int = 0
    tls_cert: Path | None = None
    tls_key: Path | None = None


class Server:
    """One backend process. `run` returns when it is to end."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._token = new_token()
        self._sessions: dict[str, Session] = {}
        self._jobs = Jobs(settings.target, settings.logs / "worker.log", Keep(settings.jobs), self._emit)
        self._desk = ModelDesk(settings.shelf, self._tell_all, self._welcome_all)
        self._library = LibraryDesk(settings.library, self._tell_all)
        self._owner_gone = threading.Event()
        self._closing: set[asyncio.Task[None]] = set()
        self._told_device = ""
        self._asked_to_end = False
        self._ending = asyncio.Event()

    async def run(self, announce: Callable[[State], None]) -> None:
        """
        Args:
            announce: Called once clients can connect.

        Raises:
            AlreadyRunning: another backend serves this folder.
            Refusal: it cannot listen there, or the disk is full.
        """
        settings = self._settings
        context = tls_context(settings.host, settings.tls_cert, settings.tls_key)
        held = await asyncio.to_thread(claim, settings.run)
        try:
            try:
                listener = await self._listen(context)
            except OSError as fault:
                raise cannot_listen(settings, fault) from fault
            async with listener:
                port = next(iter(listener.sockets)).getsockname()[1]
                state = State(port, self._token, os.getpid(), settings.host, context is not None)
                try:
                    state.write(settings.run)
                except OSError as fault:
                    raise cannot_write(settings.run, fault) from fault
                try:
                    await self._jobs.start()
                    announce(state)
                    await self._live()
                finally:
                    state.remove(settings.run)
                    await self._desk.close()
                    await self._library.close()
                    await self._jobs.stop()
        finally:
            held.release()

    async def _listen(self, context: ssl.SSLContext | None) -> Listener:
        settings = self._settings
        return await serve(
            self._greet,
            settings.host,
            settings.port,
            ssl=context,
            process_request=gate(settings.host),
            compression=None,
            max_size=MAX_MESSAGE_BYTES,
            max_queue=UNREAD_MESSAGES,
            write_limit=2**20,
            open_timeout=HELLO_S,
            server_header=None,
        )

    # ---- clients

    def _emit(self, client: str, message: ServerMessage) -> None:
        if (session := self._sessions.get(client)) is not None:
            session.say(message)

    async def _greet(self, socket: ServerConnection) -> None:
        try:
            hello = await self._hello(socket)
            await self._serve(socket, hello)
        except Refusal as refusal:
            await refuse(socket, 1008, Failed("", refusal.code, refusal.message, refusal.remedy))
        except ProtocolError as fault:
            log.warning("protocol error: %s", fault)
            remedy = "Run install.py again, so that plugin and backend are of one version."
            await refuse(socket, 1002, Failed("", "protocol_error", str(fault), remedy))
        except ConnectionClosed:
            pass
        except Exception:  # the socket handler's border: a bug with one client must not end the others
            log.exception("client")
            words = "The backend failed on this connection."
            remedy = "Please report it, with what `underdrawing doctor` prints."
            await refuse(socket, 1011, Failed("", "internal", words, remedy))

    async def _hello(self, socket: ServerConnection) -> Hello:
        try:
            data = await asyncio.wait_for(socket.recv(), HELLO_S)
        except TimeoutError:
            raise ProtocolError(f"no hello within {HELLO_S:.0f} s") from None
        message = CODEC.decode(data, "client") if isinstance(data, bytes) else None
        if not isinstance(message, Hello):
            raise ProtocolError("the first message must be hello")
        admit(message, self._token)
        return message

    async def _serve(self, socket: ServerConnection, hello: Hello) -> None:
        """Serve a client; one that is here already under this id has lost its connection without knowing."""
        client = hello.client_id
        session = Session(socket, client, self._jobs, self._desk, self._library, self._ask_to_end)
        if (former := self._sessions.pop(client, None)) is not None:
            self._close_soon(former)
        if len(self._sessions) >= MAX_CLIENTS:
            words = f"{MAX_CLIENTS} clients are connected already."
            raise Refusal(words, "Close some Krita windows.", code="too_many_clients")
        self._sessions[client] = session
        log.info("%s connected as %s", hello.client, client)
        session.say(self._welcome(client))
        self._jobs.recall(client)
        try:
            await session.run()
        finally:
            if self._sessions.get(client) is session:
                del self._sessions[client]
            log.info("%s left", client)

    def _close_soon(self, former: Session) -> None:
        """A dead connection takes its time to close, and nobody should wait for that."""
        task = asyncio.create_task(former.close(1001, "connected anew"))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _welcome(self, client: str) -> Welcome:
        jobs, families = self._jobs.statuses(client), self._settings.families()
        return Welcome(PROTOCOL, VERSION, self._jobs.device, families, jobs, MAX_MESSAGE_BYTES)

    def _tell_device(self) -> None:
        """Welcome everybody again once it is known what the worker paints on."""
        if self._jobs.device != self._told_device:
            self._told_device = self._jobs.device
            self._welcome_all()

    def _welcome_all(self) -> None:
        for client, session in self._sessions.items():
            session.say(self._welcome(client))

    def _tell_all(self, message: ServerMessage) -> None:
        for session in self._sessions.values():
            session.say(message)

    # ---- how long it lives

    def _ask_to_end(self) -> None:
        self._asked_to_end = True

    async def _live(self) -> None:
        """Until a signal, a Shutdown, or the end of an owner whose clients have gone."""
        self._catch_signals()
        if self._settings.owned:
            threading.Thread(target=self._await_owner, daemon=True, name="owner").start()
        alone_s = 0.0
        while not self._ending.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), WATCH_S)
            self._tell_device()
            alone_s = 0.0 if self._sessions else alone_s + WATCH_S
            if self._owner_gone.is_set() and alone_s >= ORPHAN_S:
                log.info("the owner has gone")
                return
            if self._asked_to_end and len(self._sessions) <= 1 and self._jobs.is_idle:
                log.info("asked to end")
                return

    def _await_owner(self) -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        self._owner_gone.set()

    def _catch_signals(self) -> None:
        if sys.platform != "win32":
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, self._ending.set)


async def refuse(socket: ServerConnection, code: int, failed: Failed) -> None:
    """Say why in a message, then close."""
    with contextlib.suppress(ConnectionClosed, TimeoutError):
        await asyncio.wait_for(socket.send(CODEC.encode(failed)), HELLO_S)
    await socket.close(code, failed.code)


def cannot_listen(settings: Settings, fault: OSError) -> Refusal:
    if fault.errno == errno.EADDRINUSE:
        words = f"Port {settings.port} is taken by another program."
        return Refusal(
            words, "Choose another with --port, or leave it out for a free one.", code="port_taken"
        )
    words = f"The backend cannot listen on {settings.host} ({fault.strerror or fault})."
    return Refusal(
        words, "Give an address of this machine with --host-name, or leave it out.", code="no_listen"
    )
