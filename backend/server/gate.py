# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets in: no web page, no other machine without TLS, nobody without the token."""

from __future__ import annotations

import hmac
import ipaddress
import ssl
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from shared.errors import Refusal
from shared.messages import Hello
from shared.version import PROTOCOL, VERSION

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})

Gate = Callable[[ServerConnection, Request], Response | None]


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def gate(host: str) -> Gate:
    """The check of every HTTP request, before it may become a WebSocket.

    A browser sends Origin with each WebSocket, a plugin never does. A page that reaches 127.0.0.1 under a
    name of its own (DNS rebinding) is told by the Host it asks for; behind an SSH tunnel that is localhost.
    """

    def check(connection: ServerConnection, request: Request) -> Response | None:
        if request.headers.get_all("Origin"):
            return connection.respond(HTTPStatus.FORBIDDEN, "This is not for web pages.\n")
        hosts = request.headers.get_all("Host")
        name = hosts[0].rsplit(":", 1)[0] if hosts and not hosts[0].endswith("]") else "".join(hosts[:1])
        if len(hosts) != 1 or (is_loopback(host) and name.lower() not in LOOPBACK_NAMES):
            return connection.respond(HTTPStatus.FORBIDDEN, "Ask for 127.0.0.1.\n")
        if request.path != "/":
            return connection.respond(HTTPStatus.NOT_FOUND, "There is nothing here.\n")
        return None

    return check


def admit(hello: Hello, token: str) -> None:
    """
    Raises:
        Refusal: the client speaks another version, or does not know the secret.
    """
    if hello.protocol != PROTOCOL:
        raise Refusal(
            f"The plugin speaks protocol version {hello.protocol}, backend {VERSION} version {PROTOCOL}.",
            "Run install.py again, so that both are of one version, and restart Krita.",
            code="wrong_version",
        )
    if not hmac.compare_digest(hello.token.encode(), token.encode()):
        raise Refusal(
            "The secret token is not the one of this backend.",
            "Press Connect again; for a backend on another machine, copy its token anew.",
            code="wrong_token",
        )
    if not hello.client_id:
        raise Refusal("The client has no id.", "Restart Krita.", code="bad_request")


def tls_context(host: str, certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """
    Raises:
        Refusal: another machine could listen in, or the certificate cannot be used.
    """
    if certificate is None or key is None:
        if certificate is not None or key is not None:
            words = "TLS needs a certificate and its key."
            raise Refusal(words, "Give both --tls-cert and --tls-key.", code="bad_tls")
        if not is_loopback(host):
            raise Refusal(
                f"{host} can be reached from other machines, and the connection would not be encrypted.",
                "Give --tls-cert and --tls-key, or keep to 127.0.0.1 and come through an SSH tunnel.",
                code="open_port",
            )
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as fault:
        words = f"The certificate {certificate} cannot be used ({fault})."
        raise Refusal(
            words, "Give a PEM certificate and the key that belongs to it.", code="bad_tls"
        ) from fault
    return context
