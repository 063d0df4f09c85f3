# SPDX-License-Identifier: GPL-3.0-or-later
"""A backend on another machine, here under another name of this one, through the plugin's own link."""

from __future__ import annotations

import random
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from krita_plugin.underdrawing.link import link
from krita_plugin.underdrawing.link.tls import TlsStream, reach
from krita_plugin.underdrawing.model.remote import Remote
from krita_plugin.underdrawing.model.roles import Role
from shared.errors import Refusal
from shared.geometry import Bounds
from tests.backend.server.client import Backend

from ..fake_canvas import FakeCanvas
from ..rig import Rig

BYTES = 3_000_000


class Relay:
    """A way to a port of this machine that can be cut, and mended at the same place."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._open: list[socket.socket] = []
        self.port = 0
        self.mend()

    def mend(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        self._open.append(listener)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Also what flows just now."""
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open.clear()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                self._open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(1 << 16):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)


@contextmanager
def echo(certificate: tuple[Path, Path]) -> Iterator[int]:
    """A server that speaks TLS and sends back what comes; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        raw, _ = listener.accept()
        came, goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(came, goes, server_side=True)
        shaken = False
        while data := raw.recv(1 << 16):
            came.write(data)
            try:
                if not shaken:
                    tls.do_handshake()
                    shaken = True
                while True:
                    tls.write(tls.read(1 << 16))
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                break
            raw.sendall(goes.read())
        raw.close()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


def test_one_thread_reads_while_another_writes(certificate: tuple[Path, Path]) -> None:
    data = random.Random(1).randbytes(BYTES)
    with echo(certificate) as port:
        stream = reach(Remote("127.0.0.1", port, "", str(certificate[0])), 60)
        writer = threading.Thread(
            target=lambda: [stream.sendall(data[n : n + 777]) for n in range(0, BYTES, 777)], daemon=True
        )
        writer.start()
        came = bytearray()
        while len(came) < BYTES:
            came += stream.recv(1 << 16)
        writer.join()
        assert bytes(came) == data
        stream.shutdown(socket.SHUT_WR)
        assert stream.recv(10) == b""
        stream.close()


def test_who_is_not_to_be_trusted(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("nothing")
    with echo(certificate) as port, socket.create_server(("127.0.0.1", 0)) as closed:
        for remote, code in (
            (Remote("127.0.0.1", port, "", ""), "bad_tls"),
            (Remote("127.0.0.1", port, "", str(tmp_path / "no.pem")), "bad_tls"),
            (Remote("127.0.0.1", port, "", str(tmp_path / "none.pem")), "bad_tls"),
            (Remote("127.0.0.1", 1, "", str(certificate[0])), "unreachable"),
            (Remote("127.0.0.1", closed.getsockname()[1], "", str(certificate[0])), "bad_tls"),
        ):
            with pytest.raises(Refusal) as refusal:
                reach(remote, 0.5)
            assert refusal.value.code == code and refusal.value.remedy


def test_the_handshake_ends_when_the_other_side_does(certificate: tuple[Path, Path]) -> None:
    ours, theirs = socket.socketpair()
    theirs.shutdown(socket.SHUT_WR)
    with ours, theirs, pytest.raises(ssl.SSLError, match="EOF"):
        TlsStream(ours, ssl.create_default_context(cafile=certificate[0]), "localhost")


def test_a_painting_from_another_machine(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    options = ("--host", "0.0.0.0", "--tls-cert", str(certificate[0]), "--tls-key", str(certificate[1]))
    with Backend(tmp_path / "there", *options) as backend:
        rig = Rig(tmp_path / "here", tmp_path / "krita")
        there = Remote("localhost", backend.state.port, backend.state.token, str(certificate[0]))
        try:
            rig.session.choose_backend(Remote("localhost", backend.state.port, "wrong", str(certificate[0])))
            rig.pump(lambda: rig.session.backend.phase == "stopped" and bool(rig.session.backend.remedy))
            assert "token" in rig.session.backend.words
            rig.session.choose_backend(there)
            rig.pump(lambda: rig.session.backend.phase == "ready")
            canvas = FakeCanvas(90, 70)
            rig.session.assign_role(canvas, Role.CONTOUR)
            canvas.ink(canvas.active, Bounds(20, 20, 30, 5), b"\0\0\0\xff")
            canvas.selected = Bounds(10, 10, 60, 40)
            assert rig.session.paint(canvas)
            rig.finish()
            assert canvas.painted()
            assert not (tmp_path / "here" / "run").exists(), "no backend was started here"
        finally:
            rig.close()
        assert backend.process.poll() is None, "another machine's backend is left alone"


def test_a_way_that_breaks_is_found_again(
    certificate: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "RETRY_S", (0.1,) * 50)
    options = ("--host", "0.0.0.0", "--tls-cert", str(certificate[0]), "--tls-key", str(certificate[1]))
    with Backend(tmp_path / "there", *options) as backend:
        rig = Rig(tmp_path / "here", tmp_path / "krita")
        relay = Relay(backend.state.port)
        try:
            rig.session.choose_backend(
                Remote("localhost", relay.port, backend.state.token, str(certificate[0]))
            )
            rig.pump(lambda: rig.session.backend.phase == "ready")
            relay.cut()
            rig.pump(lambda: rig.session.backend.phase == "lost")
            rig.pump(lambda: rig.session.backend.phase == "connecting")
            relay.mend()
            rig.pump(lambda: rig.session.backend.phase == "ready")
            assert rig.session.notice is None
        finally:
            rig.close()
            relay.cut()
