# SPDX-License-Identifier: GPL-3.0-or-later
"""A model hub on this machine that answers as the real one does, and misbehaves when told to."""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COMMIT = "c0ffee" * 6 + "beef"
REPO = "painter/style"
SETTINGS = b'{"adapter": true}'
WEIGHTS = "sub/weights.safetensors"
LARGE = 1000
"""Bytes from which a file is named by its SHA-256 and lies on another host."""


@dataclass
class HubFile:
    """One file and what goes wrong with it.

    Args:
        cut_after: Bytes of one answer after which the line breaks; `cuts` says how often.
        stall_at: Place in the file from which nothing comes any more.
        promised: Length that is told, where it is not the true one.
        etag: Hash that is told, where it is not the true one.
        status, code: What it is refused with, and the hub's word for it.
        ranges: Whether an answer may begin in the middle.
    """

    data: bytes
    cut_after: int | None = None
    cuts: int = 10**9
    stall_at: int | None = None
    promised: int | None = None
    etag: str | None = None
    status: int = 200
    code: str = ""
    ranges: bool = True

    @property
    def hash(self) -> str:
        if len(self.data) >= LARGE:
            return hashlib.sha256(self.data).hexdigest()
        return hashlib.sha1(b"blob %d\0" % len(self.data) + self.data).hexdigest()


@dataclass
class Hub:
    """Files by "repo/name", and everything that was asked for: method, path, range, token."""

    files: dict[str, HubFile] = field(default_factory=dict)
    asked: list[tuple[str, str, str, str]] = field(default_factory=list)
    port: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def large(self) -> HubFile:
        """The style's weights, to make something go wrong with."""
        return self.files[f"{REPO}/{WEIGHTS}"]

    def gets(self) -> list[tuple[str, str]]:
        """Path and range of every file that was sent, not counting redirections."""
        return [(path, span) for method, path, span, _ in self.asked if method == "GET" and "/sent/" in path]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def answer(self) -> None:
        span, token = self.headers.get("Range", ""), self.headers.get("Authorization", "")
        self.hub.asked.append((self.command, self.path, span, token))
        where = self.path.removeprefix("/sent").strip("/")
        repo, _, name = where.partition("/resolve/main/")
        file = self.hub.files.get(f"{repo}/{name}")
        if file is None or file.status != 200:
            status, code = (404, "EntryNotFound") if file is None else (file.status, file.code)
            self.begin(status, {"X-Error-Code": code, "Content-Length": "0"})
        elif len(file.data) >= LARGE and not self.path.startswith("/sent"):
            self.begin(
                302, {"Location": f"http://localhost:{self.hub.port}/sent{self.path}", **self.about(file)}
            )
        else:
            self.send(file, span)

    def about(self, file: HubFile) -> dict[str, str]:
        size = len(file.data) if file.promised is None else file.promised
        etag = file.hash if file.etag is None else file.etag
        return {"X-Repo-Commit": COMMIT, "X-Linked-Size": str(size), "X-Linked-ETag": f'"{etag}"'}

    def begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", "0")
        self.end_headers()

    def send(self, file: HubFile, span: str) -> None:
        start = int(span.removeprefix("bytes=").rstrip("-")) if span and file.ranges else 0
        data = file.data[start:]
        headers = {**self.about(file), "Content-Length": str(len(data))}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(file.data) - 1}/{len(file.data)}"
        self.begin(206 if start else 200, headers)
        if self.command == "HEAD":
            return
        if file.stall_at is not None:
            self.wfile.write(data[: max(0, file.stall_at - start)])
            self.wfile.flush()
            self.hub.over.wait(20)
            self.close_connection = True
        elif file.cut_after is not None and file.cuts > 0 and len(data) > file.cut_after:
            file.cuts -= 1
            self.wfile.write(data[: file.cut_after])
            self.close_connection = True
        else:
            for at in range(0, len(data), 4096):
                self.wfile.write(data[at : at + 4096])


def start() -> tuple[Hub, ThreadingHTTPServer]:
    """Serve until `stop`."""
    hub = Hub()
    handler = type("OneHub", (Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    hub.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return hub, server


def stop(hub: Hub, server: ThreadingHTTPServer) -> None:
    hub.over.set()
    server.shutdown()
    server.server_close()
    time.sleep(0.01)
