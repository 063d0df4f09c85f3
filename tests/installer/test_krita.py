# SPDX-License-Identifier: GPL-3.0-or-later
"""Krita's folders on every system, the plugin in and out, and a kritarc that keeps every other byte."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from installer import krita
from installer.krita import (
    Place,
    System,
    disabled,
    enabled,
    find_places,
    install_plugin,
    named_place,
    remove_plugin,
)
from shared.errors import Refusal

REPO = Path(__file__).parents[2]


def _system(home: Path, platform: str = "linux", program: bool = False, **environment: str) -> System:
    return System(platform, home, environment, program)


@pytest.mark.parametrize(
    ("platform", "sign", "words", "resources", "kritarc"),
    [
        ("linux", ".local/share/krita", "native or AppImage", ".local/share/krita", ".config/kritarc"),
        (
            "linux",
            ".var/app/org.kde.krita",
            "Flatpak",
            ".var/app/org.kde.krita/data/krita",
            ".var/app/org.kde.krita/config/kritarc",
        ),
        (
            "linux",
            "snap/krita/current",
            "Snap",
            "snap/krita/current/.local/share/krita",
            "snap/krita/current/.config/kritarc",
        ),
        ("win32", "AppData/Roaming/krita", "Windows", "AppData/Roaming/krita", "AppData/Local/kritarc"),
        (
            "darwin",
            "Library/Application Support/krita",
            "macOS",
            "Library/Application Support/krita",
            "Library/Preferences/kritarc",
        ),
    ],
)
def test_every_kind_of_krita_is_found(
    tmp_path: Path, platform: str, sign: str, words: str, resources: str, kritarc: str
) -> None:
    assert find_places(_system(tmp_path, platform)) == []
    (tmp_path / sign).mkdir(parents=True)
    assert find_places(_system(tmp_path, platform)) == [
        Place(words, tmp_path / resources, tmp_path / kritarc)
    ]


def test_several_kritas_are_all_served(tmp_path: Path) -> None:
    for sign in (".local/share/krita", ".var/app/org.kde.krita"):
        (tmp_path / sign).mkdir(parents=True)
    assert [place.words for place in find_places(_system(tmp_path))] == ["native or AppImage", "Flatpak"]


def test_a_krita_that_never_ran_is_served_too(tmp_path: Path) -> None:
    (place,) = find_places(_system(tmp_path, program=True))
    assert place.resources == tmp_path / ".local/share/krita"


def test_moved_folders_are_followed(tmp_path: Path) -> None:
    system = _system(
        tmp_path, XDG_DATA_HOME=str(tmp_path / "d"), XDG_CONFIG_HOME=str(tmp_path / "c"), program=True
    )
    (place,) = find_places(system)
    assert (place.resources, place.kritarc) == (tmp_path / "d/krita", tmp_path / "c/kritarc")
    windows = _system(tmp_path, "win32", True, APPDATA=str(tmp_path / "R"), LOCALAPPDATA=str(tmp_path / "L"))
    assert find_places(windows)[0].kritarc == tmp_path / "L/kritarc"


def test_a_named_folder_tells_its_kritarc_by_its_shape(tmp_path: Path) -> None:
    assert named_place(tmp_path / ".local/share/krita").kritarc == tmp_path / ".config/kritarc"
    assert named_place(tmp_path / "elsewhere").kritarc is None


KRITARC = "[MainWindow]\nState=AAAA\n\n[python]\nenable_tenbrushes=true\n\n[theme]\nTheme=Krita dark\n"


def test_switching_on_adds_one_line_and_keeps_the_rest() -> None:
    text = enabled(KRITARC)
    assert text == KRITARC.replace("[python]\n", "[python]\nenable_underdrawing=true\n")
    assert enabled(text) == text
    assert disabled(text) == KRITARC


def test_a_plugin_switched_off_is_switched_on_again() -> None:
    assert "enable_underdrawing=false" not in enabled("[python]\nenable_underdrawing=false\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "[python]\nenable_underdrawing=true\n"),
        ("[a]\nb=c", "[a]\nb=c\n\n[python]\nenable_underdrawing=true\n"),
        ("[python]", "[python]\nenable_underdrawing=true\n"),
        ("[python]\r\nx=y\r\n", "[python]\r\nenable_underdrawing=true\r\nx=y\r\n"),
        ("[a]\r\n", "[a]\r\n\r\n[python]\r\nenable_underdrawing=true\r\n"),
    ],
)
def test_files_of_every_shape(before: str, after: str) -> None:
    assert enabled(before) == after


def test_the_same_words_in_another_group_are_not_ours() -> None:
    text = "[other]\nenable_underdrawing=false\n[python]\n"
    assert enabled(text) == "[other]\nenable_underdrawing=false\n[python]\nenable_underdrawing=true\n"


LINES = st.sampled_from(
    ["[python]", "[a][b]", "enable_x=true", "enable_underdrawing=false", "", "key=ü=[1]", "#"]
)


@given(st.lists(LINES), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_any_settings_survive(lines: list[str], end: str, closed: bool) -> None:
    text = end.join(lines) + (end if closed and lines else "")
    on = enabled(text)
    assert on.count("enable_underdrawing=true") == 1
    assert enabled(on) == on
    kept = [line for line in disabled(text).splitlines() if line and line != "[python]"]
    assert [line for line in disabled(on).splitlines() if line and line != "[python]"] == kept


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A Krita with another plugin and settings of its own."""
    resources = tmp_path / ".local/share/krita"
    (resources / "pykrita/tenbrushes").mkdir(parents=True)
    (resources / "pykrita/tenbrushes/__init__.py").write_text("mine = 1\n")
    (tmp_path / ".config").mkdir()
    (tmp_path / ".config/kritarc").write_bytes(KRITARC.encode() + b"odd=\xff\xfe\n")
    return named_place(resources)


def _install(place: Place, home: Path) -> Path:
    install_plugin(place, REPO, Path(sys.prefix), home)
    return place.resources / "pykrita/underdrawing"


def test_the_plugin_is_whole_and_knows_the_way_back(place: Place, tmp_path: Path) -> None:
    plugin = _install(place, tmp_path / "home")
    for name in ("__init__.py", "shared/messages.py", "LICENSE", "vendor/__init__.py"):
        assert (plugin / name).is_file(), name
    for name in ("websockets/sync/client.py", "msgpack/fallback.py"):
        assert (plugin / "vendor" / name).is_file(), name
    licences = {file.name for file in (plugin / "vendor/licences").iterdir()}
    assert any(name.startswith("websockets-") for name in licences)
    assert any(name.startswith("msgpack-") for name in licences)
    note = json.loads((plugin / "install.json").read_text())
    assert note["root"] == str(REPO)
    assert note["home"] == str(tmp_path / "home")
    assert Path(note["python"]).exists()
    assert (place.resources / "pykrita/underdrawing.desktop").is_file()
    assert (place.resources / "actions/underdrawing.action").is_file()
    assert krita.is_installed(place)


def test_nothing_compiled_travels(place: Place, tmp_path: Path) -> None:
    plugin = _install(place, tmp_path)
    odd = {file.suffix for file in plugin.rglob("*") if file.is_file()} & {
        ".so",
        ".pyd",
        ".pyc",
        ".c",
        ".pyi",
    }
    assert odd == set()


def test_others_are_left_alone(place: Place, tmp_path: Path) -> None:
    _install(place, tmp_path)
    assert (place.resources / "pykrita/tenbrushes/__init__.py").read_text() == "mine = 1\n"
    assert sorted(file.name for file in (place.resources / "pykrita").iterdir()) == [
        "tenbrushes",
        "underdrawing",
        "underdrawing.desktop",
    ]


def test_settings_gain_one_line_and_lose_it_again(place: Place, tmp_path: Path) -> None:
    assert place.kritarc is not None
    before = place.kritarc.read_bytes()
    _install(place, tmp_path)
    assert place.kritarc.read_bytes() == before.replace(
        b"[python]\n", b"[python]\nenable_underdrawing=true\n"
    )
    assert remove_plugin(place)
    assert place.kritarc.read_bytes() == before
    assert not krita.is_installed(place)
    assert not (place.resources / "actions/underdrawing.action").exists()
    assert not remove_plugin(place)


def test_a_new_version_replaces_the_old_one_whole(place: Place, tmp_path: Path) -> None:
    plugin = _install(place, tmp_path)
    (plugin / "left_over.py").write_text("old\n")
    _install(place, tmp_path)
    assert not (plugin / "left_over.py").exists()
    assert (plugin / "__init__.py").exists()


def test_a_fault_half_way_leaves_the_old_plugin(place: Place, tmp_path: Path) -> None:
    plugin = _install(place, tmp_path)
    empty = tmp_path / "empty-environment"
    (empty / "lib/python3.11/site-packages").mkdir(parents=True)
    with pytest.raises(Refusal, match="no websockets"):
        install_plugin(place, REPO, empty, tmp_path)
    assert (plugin / "install.json").exists()
    assert sorted(file.name for file in (place.resources / "pykrita").iterdir())[0] == "tenbrushes"


@pytest.mark.skipif(sys.platform == "win32", reason="folder rights are another matter there")
def test_a_folder_that_cannot_be_written_is_told(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(place.resources))

    monkeypatch.setattr(os, "mkdir", refuse)
    with pytest.raises(Refusal, match="--krita-resources") as caught:
        _install(place, tmp_path)
    assert caught.value.code == "read_only"
