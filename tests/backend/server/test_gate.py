# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input at the door, over a real socket."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import msgpack
import pytest
from websockets.asyncio.client import connect as asyncio_connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from backend.server import serve
from backend.server.gate import is_loopback, tls_context
from backend.server.models import EmptyShelf
from backend.server.state import STATE_FILE
from shared.codec import MAX_MESSAGE_BYTES, plain
from shared.errors import Refusal
from shared.messages import Failed, Hello, PutTiles, Tile, Welcome
from shared.version import PROTOCOL
from tests.backend.server.client import CODEC, Backend, request


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with Backend(tmp_path_factory.mktemp("backend")) as running:
        yield running


def opened(backend: Backend, **options: object) -> ClientConnection:
    return connect(f"ws://127.0.0.1:{backend.state.port}/", compression=None, **options)


def refusal(connection: ClientConnection, data: bytes | str) -> tuple[Failed, int]:
    """What is answered to a first message, and the code that the connection is closed with."""
    with connection:
        connection.send(data)
        failed = CODEC.decode(connection.recv(timeout=60), "server")
        with pytest.raises(ConnectionClosed) as closed:
            connection.recv(timeout=60)
    assert isinstance(failed, Failed) and failed.job_id == "" and failed.remedy
    return failed, closed.value.rcvd.code


def hello(backend: Backend, **fields: object) -> Hello:
    return Hello(
        **{"protocol": PROTOCOL, "token": backend.state.token, "client": "t", "client_id": "c"} | fields
    )


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"token": ""}, "wrong_token"),
        ({"token": "ö" * 43}, "wrong_token"),
        ({"protocol": PROTOCOL + 1}, "wrong_version"),
        ({"protocol": 0, "token": "x"}, "wrong_version"),
        ({"client_id": ""}, "bad_request"),
    ],
)
def test_a_stranger_is_refused_in_words(backend: Backend, fields: dict[str, object], code: str) -> None:
    failed, closed = refusal(opened(backend), CODEC.encode(hello(backend, **fields)))
    assert (failed.code, closed) == (code, 1008)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xc1garbage", "not MessagePack"),
        (b"", "not MessagePack"),
        ("hello", "the first message must be hello"),
        (msgpack.packb({"kind": "shutdown"}), "the first message must be hello"),
        (msgpack.packb({"kind": "hello", "protocol": "1"}), "hello.token: missing"),
        (msgpack.packb({"kind": "welcome"}), "kind: expected one of"),
    ],
)
def test_gibberish_is_refused_with_its_path(backend: Backend, data: bytes | str, words: str) -> None:
    failed, closed = refusal(opened(backend), data)
    assert (failed.code, closed) == ("protocol_error", 1002) and words in failed.message


@pytest.mark.parametrize("damage", ["unknown_field", "lying_digest", "second_hello"])
def test_a_greeted_client_that_breaks_the_contract_loses_the_connection_but_no_job(
    backend: Backend, damage: str
) -> None:
    made, cuts = request()
    messages = {
        "unknown_field": msgpack.packb({"kind": "cancel", "job_id": "a", "why": "bored"}),
        "lying_digest": CODEC.encode(PutTiles("job", (Tile(bytes(16), b"not that"),))),
        "second_hello": CODEC.encode(hello(backend)),
    }
    with backend.connect(damage) as client:
        client.paint(made, cuts, "kept")
        client.socket.send(messages[damage])
        failed = client.wait(Failed)
        assert (failed.job_id, failed.code) == ("", "protocol_error")
    with backend.connect(damage) as client:
        assert client.result("kept")


@pytest.mark.parametrize("origin", ["https://example.org", "null", "http://127.0.0.1"])
def test_a_web_page_cannot_talk_to_the_backend(backend: Backend, origin: str) -> None:
    with pytest.raises(InvalidStatus) as caught:
        opened(backend, origin=origin)
    assert caught.value.response.status_code == 403


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "426"),
        (
            "GET / HTTP/1.1\r\nHost: evil.example:80\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
            "403",
        ),
        ("GET / HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\n\r\n", "403"),
        ("GET / HTTP/1.1\r\n\r\n", "403"),
        ("GET / HTTP/1.1\r\nHost: localhost:1\r\nHost: evil.example\r\n\r\n", "403"),
        ("GET /state HTTP/1.1\r\nHost: localhost\r\n\r\n", "404"),
        ("GET / HTTP/1.1\r\nHost: [::1]:5\r\nOrigin: \r\n\r\n", "403"),
        ("GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n", "426"),
        ("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", None),
        ("\0\0\0\0\r\n\r\n", None),
    ],
)
def test_plain_http_gets_nothing(backend: Backend, head: str, status: str | None) -> None:
    with socket.create_connection(("127.0.0.1", backend.state.port), timeout=60) as raw:
        raw.sendall(head.encode())
        answer = b""
        while part := raw.recv(4096):
            answer += part
    if status is None:
        assert answer == b""
    else:
        assert answer.startswith(b"HTTP/1.1 " + status.encode()) and b"token" not in answer


def test_too_large_a_message_closes_the_connection(backend: Backend) -> None:
    with backend.connect("large") as client, pytest.raises(ConnectionClosed) as caught:
        client.socket.send(bytes(MAX_MESSAGE_BYTES + 1))
        client.hear()
    assert caught.value.rcvd.code == 1009
    with backend.connect("large") as client:
        client.paint(*request(), "still-there")


def test_a_silent_stranger_does_not_block_the_others(backend: Backend) -> None:
    silent = socket.create_connection(("127.0.0.1", backend.state.port))
    with silent, opened(backend), backend.connect("busy") as client:
        client.paint(*request(), "meanwhile")


def test_who_never_says_hello_is_shown_the_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "HELLO_S", 0.2)
    for name in ("run", "jobs", "logs"):
        (tmp_path / name).mkdir()
    settings = serve.Settings(
        "tests.backend.jobs.performs:perform",
        tmp_path / "run",
        tmp_path / "jobs",
        tmp_path / "logs",
        families=lambda: (),
        shelf=EmptyShelf(),
    )

    async def play() -> Failed:
        ready = asyncio.get_running_loop().create_future()
        running = asyncio.create_task(serve.Server(settings).run(ready.set_result))
        try:
            async with asyncio_connect(f"ws://127.0.0.1:{(await ready).port}/") as connection:
                return CODEC.decode(await asyncio.wait_for(connection.recv(), 10), "server")
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    failed = asyncio.run(play())
    assert failed.code == "protocol_error" and "no hello" in failed.message
    assert not (tmp_path / "run" / STATE_FILE).exists()


def test_loopback_is_told_from_the_rest() -> None:
    assert all(map(is_loopback, ["127.0.0.1", "127.8.9.1", "::1", "localhost"]))
    assert not any(map(is_loopback, ["0.0.0.0", "::", "192.168.1.2", "example.org", ""]))


def test_tls_is_wanted_for_other_machines(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    for arguments, code in [
        (("0.0.0.0", None, None), "open_port"),
        (("192.168.1.2", None, None), "open_port"),
        (("127.0.0.1", certificate[0], None), "bad_tls"),
        (("127.0.0.1", certificate[1], certificate[0]), "bad_tls"),
        (("127.0.0.1", tmp_path / "none.pem", certificate[1]), "bad_tls"),
    ]:
        with pytest.raises(Refusal) as caught:
            tls_context(*arguments)
        assert caught.value.code == code
    assert tls_context("127.0.0.1", None, None) is None
    assert tls_context("0.0.0.0", *certificate) is not None


async def greeted(address: str, trusting: ssl.SSLContext, hello: Hello) -> object:
    """What is answered to a hello over TLS.

    By asyncio, because the threaded client reads and writes one SSL object from two threads at once, which
    OpenSSL does not allow and Python before 3.13 does not prevent: now and then the handshake is lost.
    """
    async with asyncio_connect(address, ssl=trusting, compression=None, open_timeout=60) as connection:
        await connection.send(msgpack.packb(plain(hello)))
        return CODEC.decode(await asyncio.wait_for(connection.recv(), 60), "server")


async def opened_from_a_page(address: str, trusting: ssl.SSLContext) -> None:
    async with asyncio_connect(address, ssl=trusting, origin="https://example.org", open_timeout=60):
        pass


def test_a_job_over_tls(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    options = ("--host", "0.0.0.0", "--tls-cert", str(certificate[0]), "--tls-key", str(certificate[1]))
    with Backend(tmp_path, *options) as backend:
        state = backend.state
        assert state.tls
        address = f"wss://127.0.0.1:{state.port}/"
        trusting = ssl.create_default_context(cafile=certificate[0])
        with pytest.raises(ssl.SSLCertVerificationError):
            asyncio.run(greeted(address, ssl.create_default_context(), hello(backend)))
        assert isinstance(asyncio.run(greeted(address, trusting, hello(backend))), Welcome)
        with pytest.raises((OSError, EOFError, WebSocketException)):
            opened(backend)
        with pytest.raises(InvalidStatus):
            asyncio.run(opened_from_a_page(address, trusting))


def test_an_open_port_without_tls_is_refused(tmp_path: Path) -> None:
    with Backend(tmp_path, "--host", "0.0.0.0") as backend:
        code, _, errors = backend.ended()
    assert code == 2 and errors.startswith("open_port") and "SSH tunnel" in errors
