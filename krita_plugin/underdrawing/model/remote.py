# SPDX-License-Identifier: GPL-3.0-or-later
"""A backend on another machine: where it is, and the secret that it asks for."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from ..language import tr
from ..wire import errors

FILE = "remote.json"
DEFAULT_PORT = 40123

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Remote:
    """
    Args:
        host: Name or address that the certificate is for.
        token: The secret from `run/backend.json` over there.
        certificate: PEM file of the certificate to trust; "" for those that this computer trusts anyway.
    """

    host: str
    port: int
    token: str
    certificate: str = ""

    @property
    def url_host(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def address(self) -> str:
        return f"{self.url_host}:{self.port}"


def parse(address: str, token: str, certificate: str = "") -> Remote:
    """What the artist typed: "studio.local" or "192.168.1.20:40123".

    Raises:
        BadRequest: it is no address, or the secret is missing.
    """
    name, colon, number = address.strip().rpartition(":")
    if not colon:
        name, number = number, str(DEFAULT_PORT)
    if not name or "/" in name or not number.isdecimal() or not 0 < int(number) < 1 << 16:
        raise errors.BadRequest(
            tr("This is no address: {0}").format(address.strip()),
            tr("Type it like studio.local:{0}.").format(DEFAULT_PORT),
        )
    if not token.strip():
        raise errors.BadRequest(
            tr("The secret is missing."),
            tr("Copy the token from run/backend.json in Underdrawing's home folder on the other machine."),
        )
    return Remote(name.strip("[]"), int(number), token.strip(), certificate.strip())


def load(home: Path) -> Remote | None:
    """The other machine that was chosen last; None for this one."""
    try:
        found: object = json.loads((home / FILE).read_text("utf-8"))
        return Remote(**cast("dict[str, Any]", found))
    except (OSError, ValueError, TypeError):
        return None


def save(home: Path, remote: Remote | None) -> None:
    """Remember the choice, readable for the user alone.

    Raises:
        OSError: the folder cannot be written.
    """
    path = home / FILE
    path.unlink(missing_ok=True)
    if remote is not None:
        home.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(asdict(remote), file)


def remember(home: Path, remote: Remote | None) -> None:
    """Remember the choice where the folder can be written; else it holds for this time."""
    try:
        save(home, remote)
    except OSError as fault:
        log.warning("the other machine's address was not saved: %s", fault)
