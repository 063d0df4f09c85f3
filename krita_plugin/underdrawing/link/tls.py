# SPDX-License-Identifier: GPL-3.0-or-later
"""The encrypted way to a backend on another machine: a TLS stream that one thread reads and another writes.

OpenSSL allows one thread at a time in a connection, and Python before 3.13 does not see to it: with a plain
SSLSocket a read beside a write now and then breaks the stream. Here TLS works in memory under a lock, and
nobody holds the lock while waiting for the network.
"""

from __future__ import annotations

import socket
import ssl
import threading

from ..language import tr
from ..model.remote import Remote
from ..wire import errors

CHUNK_BYTES = 1 << 18


class TlsStream:
    """What a WebSocket connection needs of a socket.

    Args:
        raw: Connected; belongs to the stream from now on.
        name: The host that the certificate must be for.

    Raises:
        ssl.SSLError: the certificate is not trusted, or nobody speaks TLS there.
        OSError: the connection broke.
    """

    def __init__(self, raw: socket.socket, context: ssl.SSLContext, name: str) -> None:
        self._raw = raw
        self._came, self._goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._came, self._goes, server_hostname=name)
        self._state = threading.Lock()
        self._wire = threading.Lock()
        while not self._is_shaken():
            self._fill()

    def recv(self, size: int) -> bytes:
        """At least one byte; none at the end of the stream."""
        while True:
            with self._state:
                try:
                    return self._tls.read(size)
                except ssl.SSLWantReadError:
                    pass
                except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                    return b""
            self._flush()
            self._fill()

    def sendall(self, data: bytes | bytearray | memoryview) -> None:
        view = memoryview(data).cast("B")
        for start in range(0, len(view), CHUNK_BYTES):
            with self._state:
                self._tls.write(view[start : start + CHUNK_BYTES])
            self._flush()

    def shutdown(self, how: int) -> None:
        self._raw.shutdown(how)

    def close(self) -> None:
        self._raw.close()

    def settimeout(self, seconds: float | None) -> None:
        self._raw.settimeout(seconds)

    def setsockopt(self, level: int, name: int, value: int) -> None:
        self._raw.setsockopt(level, name, value)

    def getpeername(self) -> object:
        return self._raw.getpeername()

    def getsockname(self) -> object:
        return self._raw.getsockname()

    def _is_shaken(self) -> bool:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        finally:
            self._flush()  # also what tells the other side of a refused certificate
        return True

    def _fill(self) -> None:
        """Wait for bytes of the network."""
        data = self._raw.recv(CHUNK_BYTES)
        with self._state:
            if data:
                self._came.write(data)
            else:
                self._came.write_eof()

    def _flush(self) -> None:
        """Send what is encrypted, in its order."""
        with self._wire:
            with self._state:
                data = self._goes.read()
            if data:
                self._raw.sendall(data)


def reach(remote: Remote, timeout_s: float) -> TlsStream:
    """An encrypted stream to the other machine, its certificate checked.

    Raises:
        Refusal: nobody is there, or it is not who it should be.
    """
    try:
        context = ssl.create_default_context(cafile=remote.certificate or None)
    except (OSError, ssl.SSLError) as fault:
        raise errors.Refusal(
            tr("The certificate {0} cannot be read.").format(remote.certificate),
            tr("Choose the PEM file that the other machine was started with."),
            code="bad_tls",
        ) from fault
    try:
        raw = socket.create_connection((remote.host, remote.port), timeout=timeout_s)
    except OSError as fault:
        raise errors.Refusal(
            tr("Nobody answers at {0}.").format(remote.address),
            tr("See that the backend runs there, and that no firewall stands between."),
            code="unreachable",
        ) from fault
    try:
        stream = TlsStream(raw, context, remote.host)
    except ssl.SSLCertVerificationError as fault:
        raw.close()
        raise errors.Refusal(
            tr("The certificate of {0} is not to be trusted: {1}.").format(
                remote.address, fault.verify_message
            ),
            tr("Choose the certificate file that the other machine was started with."),
            code="bad_tls",
        ) from fault
    except OSError as fault:  # ssl.SSLError is one
        raw.close()
        raise errors.Refusal(
            tr("{0} does not speak TLS.").format(remote.address),
            tr("Start the backend there with --tls-cert and --tls-key."),
            code="bad_tls",
        ) from fault
    return stream
