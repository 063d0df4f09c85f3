# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection to a backend: shared messages out, shared messages in."""

from __future__ import annotations

import importlib
import struct
import threading
from collections.abc import Iterator
from typing import Any

from ..language import tr
from ..model.remote import Remote
from ..wire import codec, errors, messages, packb, socket, socket_errors, unpackb, version

OPEN_TIMEOUT_S = 15.0
"""Who is not there refuses at once or stays silent; who paints on all cores may answer late."""
RECEIVE_BYTES = 1 << 20
CLOSED = (OSError, EOFError, socket_errors.WebSocketException)
"""What a send or receive raises when the connection is gone."""


class LoopbackConnection(socket.ClientConnection):
    """A connection that masks its frames with the key 0000, which leaves the bytes as they are.

    Masking guards proxies between a browser and a server; on loopback there are none. In pure Python it would
    hold the interpreter, and with it all Python in Krita, for about 8 ms per MiB; see docs/decisions.
    """

    recv_bufsize = RECEIVE_BYTES

    def __init__(self, sock: Any, protocol: Any, **options: Any) -> None:
        super().__init__(sock, protocol, **options)

        def send_frame(frame: Any) -> None:
            frame.check()
            protocol.writes.append(_head(frame.opcode, frame.fin, len(frame.data)))
            protocol.writes.append(frame.data)

        protocol.send_frame = send_frame


def _head(opcode: int, fin: bool, length: int) -> bytes:
    """A client's frame header without extensions (RFC 6455, 5.2), its masking key 0000."""
    first = opcode | (0x80 if fin else 0)
    if length < 126:
        return struct.pack("!BBI", first, 0x80 | length, 0)
    if length < 1 << 16:
        return struct.pack("!BBHI", first, 0x80 | 126, length, 0)
    return struct.pack("!BBQI", first, 0x80 | 127, length, 0)


def _encrypted(remote: Remote) -> Any:
    """
    Raises:
        Refusal: nobody is there, it is not who it should be, or this Python cannot encrypt.
    """
    try:
        tls = importlib.import_module(".tls", __package__)
    except ImportError as fault:  # a Python without ssl
        raise errors.Refusal(
            tr("This Krita's Python cannot encrypt."), tr("Use an SSH tunnel instead."), code="no_tls"
        ) from fault
    return tls.reach(remote, OPEN_TIMEOUT_S)


class Peer:
    """An open, greeted connection.

    Args:
        port: Of the backend, on loopback.
        token: The secret from its state file.
        remote: The backend is on another machine: the way to it is encrypted, and frames are masked as usual.
        client: Program and version, for the backend's log.
        client_id: The same for every connection of this Krita.

    Raises:
        Refusal: the backend declined, in words.
        ProtocolError: it answered something else.
        OSError, WebSocketException: there is no connection.
    """

    def __init__(
        self, port: int, token: str, *, client: str, client_id: str, remote: Remote | None = None
    ) -> None:
        self._codec = codec.Codec(packb, unpackb)
        self._sending = threading.Lock()
        self._connection = socket.connect(
            f"ws://{'127.0.0.1' if remote is None else remote.url_host}:{port}/",
            sock=None if remote is None else _encrypted(remote),
            create_connection=LoopbackConnection if remote is None else socket.ClientConnection,
            compression=None,
            proxy=None,
            open_timeout=OPEN_TIMEOUT_S,
            close_timeout=1.0,
            max_size=codec.MAX_MESSAGE_BYTES,
        )
        try:
            self.send(messages.Hello(version.PROTOCOL, token, client, client_id))
            answer = self._read(self._connection.recv(timeout=OPEN_TIMEOUT_S))
        except BaseException:
            self.close()
            raise
        if isinstance(answer, messages.Failed):
            self.close()
            raise errors.Refusal(answer.message, answer.remedy, code=answer.code)
        if not isinstance(answer, messages.Welcome):
            self.close()
            raise errors.ProtocolError(f"expected welcome, got {answer.kind}")
        self.welcome = answer

    def send(self, message: messages.ClientMessage) -> None:
        """
        Raises:
            One of CLOSED: the connection is gone.
        """
        data = self._codec.encode(message)
        with self._sending:
            self._connection.send(data)

    def __iter__(self) -> Iterator[messages.Message]:
        """The backend's messages until it closes the connection.

        Raises:
            ProtocolError: it broke the contract.
        """
        for data in self._connection:
            yield self._read(data)

    def close(self) -> None:
        self._connection.close()

    def _read(self, data: object) -> messages.Message:
        if not isinstance(data, (bytes, bytearray)):
            raise errors.ProtocolError("expected bytes, got text")
        return self._codec.decode(bytes(data), "server")
