# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from pathlib import Path

import pytest

from krita_plugin.underdrawing.model.remote import DEFAULT_PORT, FILE, Remote, load, parse, save
from shared.errors import BadRequest


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("studio.local", "studio.local", DEFAULT_PORT),
        (" 192.168.1.20:500 ", "192.168.1.20", 500),
        ("[fe80::1]:77", "fe80::1", 77),
    ],
)
def test_what_the_artist_types(address: str, host: str, port: int) -> None:
    assert parse(address, "secret", " c.pem ") == Remote(host, port, "secret", "c.pem")


@pytest.mark.parametrize("address", ["", ":80", "host:", "host:0", "host:70000", "https://host:1", "host:1x"])
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        parse(address, "secret")
    assert "studio.local:40123" in refusal.value.remedy


def test_the_secret_must_be_given() -> None:
    with pytest.raises(BadRequest, match="secret"):
        parse("host", "  ")


def test_it_is_kept_for_the_user_alone(tmp_path: Path) -> None:
    home = tmp_path / "krita"
    assert load(home) is None
    remote = Remote("host", 1, "secret", "")
    save(home, remote)
    assert load(home) == remote
    if os.name == "posix":
        assert (home / FILE).stat().st_mode & 0o777 == 0o600
    save(home, None)
    assert load(home) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"host": "a", "port": 1, "token": "b", "colour": 2}'])
def test_a_damaged_file_means_this_machine(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert load(tmp_path) is None
