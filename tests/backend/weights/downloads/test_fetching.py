# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloads from a hub on this machine that stalls, breaks off and lies."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from backend import home
from backend.weights.downloads import fetching as downloads
from backend.weights.downloads import meter
from backend.weights.downloads.fetching import RECORD, get, is_here, remove, verify
from backend.weights.downloads.hub import Patience
from backend.weights.downloads.meter import Progress
from backend.weights.downloads.model_folders import scan
from backend.weights.files.download_list import Download, RemoteFile, find_entry, read_downloads
from shared.errors import BadRequest, Cancelled, MissingWeights, Refusal
from tests.backend.weights import hub_server
from tests.backend.weights.hub_server import REPO, SETTINGS, Hub

QUICK = Patience(stall_s=0.4, tries=2, pause_s=0.01)


def test_the_list_is_read_and_every_entry_has_a_weight_file() -> None:
    listed = read_downloads()
    assert {"sd15", "sdxl", "sd15-lines", "sdxl-lines", "sd15-lcm"} <= set(listed)
    for entry in listed.values():
        assert any(file.to.endswith(".safetensors") for file in entry.files), entry.id
        assert entry.licence and entry.why and entry.about_bytes > 1_000_000
        assert len({file.to for file in entry.files}) == len(entry.files)
    with pytest.raises(BadRequest, match="no model 'sd9'"):
        find_entry("sd9")


@pytest.mark.parametrize("text", ["", "models = 3", "[models.x]\ntitle = 'a'", "[["])
def test_a_list_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "d.toml").write_text(text)
    with pytest.raises(MissingWeights, match="cannot be read"):
        read_downloads(tmp_path / "d.toml")


def test_a_list_that_leaves_its_folder_is_refused(tmp_path: Path) -> None:
    fields = "title = 'a'\nkind = 'a'\nbase = 'a'\nrepo = 'a'\nlicence = 'a'\nwhy = 'a'\n"
    for to in ("../x", "/etc/x"):
        files = f'files = [{{ name = "x", to = "{to}", about_bytes = 1 }}]'
        (tmp_path / "d.toml").write_text(f"[models.x]\n{fields}{files}")
        with pytest.raises(MissingWeights, match="leaves its folder"):
            read_downloads(tmp_path / "d.toml")


def test_everything_comes_and_is_in_its_place(
    hub: Hub, entry: Download, folder: Path, weights: bytes
) -> None:
    assert not is_here(entry, folder)
    told: list[Progress] = []
    own = get(entry, folder, told.append, patience=QUICK)
    assert own == folder / "style" and is_here(entry, folder)
    assert (own / "model.safetensors").read_bytes() == weights
    assert (own / "config.json").read_bytes() == SETTINGS
    total = len(weights) + len(SETTINGS)
    assert (told[-1].done_bytes, told[-1].total_bytes) == (total, total)
    assert sorted(told, key=lambda p: p.done_bytes) == told
    assert [path.name for path in folder.iterdir() if not path.name.endswith(".lock")] == ["style"]
    record = json.loads((own / RECORD).read_text())
    assert record["model.safetensors"]["sha256"] == hashlib.sha256(weights).hexdigest()
    assert record["config.json"]["commit"] == hub_server.COMMIT
    verify(entry, folder)
    found = scan([folder])
    assert [(f.kind, f.base, f.title) for f in found] == [("lora", "sd15", "style")]


def test_what_is_here_is_not_asked_for_again(hub: Hub, entry: Download, folder: Path) -> None:
    get(entry, folder, patience=QUICK)
    hub.asked.clear()
    get(entry, folder, patience=QUICK)
    assert hub.asked == []


def test_only_what_is_missing_is_fetched_again(hub: Hub, entry: Download, folder: Path) -> None:
    own = get(entry, folder, patience=QUICK)
    (own / "config.json").unlink()
    (own / "my notes.txt").write_text("mine")
    before = len(hub.gets())
    get(entry, folder, patience=QUICK)
    assert len(hub.gets()) == before and (own / "config.json").read_bytes() == SETTINGS
    assert (own / "my notes.txt").exists()


def test_a_cancelled_download_goes_on_where_it_stopped(
    hub: Hub, entry: Download, folder: Path, weights: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meter, "REPORT_EVERY_S", 0)
    done = [0]

    def listen(progress: Progress) -> None:
        done[0] = progress.done_bytes

    def check() -> None:
        if done[0] > 50_000:
            raise Cancelled

    with pytest.raises(Cancelled):
        get(entry, folder, listen, check, patience=QUICK)
    assert not (folder / "style").exists(), "nothing half lies where models are looked for"
    assert scan([folder]) == ()
    own = get(entry, folder, patience=QUICK)
    assert (own / "model.safetensors").read_bytes() == weights
    starts = [int(span.removeprefix("bytes=").rstrip("-") or 0) for _, span in hub.gets()]
    assert starts[0] == 0 and starts[1] > 50_000


def test_another_file_than_the_list_knows(hub: Hub, entry: Download, folder: Path) -> None:
    known = RemoteFile("sub/weights.safetensors", "model.safetensors", 1, "1" * 64)
    odd = Download("style", "A style", "lora", "sd15", REPO, "main", "MIT", "", (known,))
    with pytest.raises(Refusal, match="another"):
        get(odd, folder, patience=QUICK)
    assert hub.gets() == [], "not one byte was fetched"
    hub.large.etag = "a mirror's own"
    with pytest.raises(Refusal, match="another"):
        get(odd, folder, patience=QUICK)


@pytest.mark.parametrize("how", ["variable", "file"])
def test_the_offline_switch(
    hub: Hub, entry: Download, folder: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how == "variable":
        monkeypatch.setenv(home.OFFLINE_VARIABLE, "1")
    else:
        home.set_offline(True)
    with pytest.raises(Refusal, match="switched off"):
        get(entry, folder, patience=QUICK)
    assert hub.asked == []


def test_other_programs_offline_switch_counts(tmp_path: Path) -> None:
    code = "from backend import home; home.enter_home(); home.enter_home(); print(home.is_offline())"
    for said, expected in (("1", "True"), ("", "False"), ("0", "False")):
        environment = {**os.environ, "HF_HUB_OFFLINE": said, "UNDERDRAWING_HOME": str(tmp_path)}
        environment.pop(home.OFFLINE_VARIABLE, None)
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == expected


def test_too_little_room_is_found_before_a_byte_is_fetched(
    hub: Hub, entry: Download, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=downloads.SPARE_BYTES + 1000))
    with pytest.raises(Refusal, match=r"GB free.*Make room"):
        get(entry, folder, patience=QUICK)
    assert hub.gets() == []


def test_a_place_that_cannot_be_written(hub: Hub, entry: Download, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refusal, match=r"cannot be written.*another folder"):
        get(entry, tmp_path / "file", patience=QUICK)
    with pytest.raises(Refusal, match="cannot be written"):
        get(entry, Path("/proc/models"), patience=QUICK)


def test_a_folder_with_something_else_in_it_is_left_alone(hub: Hub, entry: Download, folder: Path) -> None:
    (folder / "style").mkdir(parents=True)
    (folder / "style/mine.safetensors").write_text("mine")
    with pytest.raises(Refusal, match="something else"):
        get(entry, folder, patience=QUICK)
    assert (folder / "style/mine.safetensors").read_text() == "mine"


def test_two_at_once_are_one_too_many(hub: Hub, entry: Download, folder: Path) -> None:
    from filelock import FileLock

    folder.mkdir()
    with FileLock(folder / ".getting-style.lock"), pytest.raises(Refusal, match="being fetched already"):
        get(entry, folder, patience=QUICK)


def test_damage_is_found_later(hub: Hub, entry: Download, folder: Path) -> None:
    own = get(entry, folder, patience=QUICK)
    data = bytearray((own / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (own / "model.safetensors").write_bytes(data)
    assert is_here(entry, folder), "looks at lengths only"
    with pytest.raises(MissingWeights, match=r"model\.safetensors is damaged.*models get style"):
        verify(entry, folder)
    (own / "model.safetensors").unlink()
    with pytest.raises(MissingWeights, match="is missing"):
        verify(entry, folder)


def test_removing_takes_what_was_fetched_and_nothing_else(hub: Hub, entry: Download, folder: Path) -> None:
    own = get(entry, folder, patience=QUICK)
    (own / "mine.txt").write_text("mine")
    freed = remove(entry, folder)
    assert freed > 190_000 and [path.name for path in own.iterdir()] == ["mine.txt"]
    (own / "mine.txt").unlink()
    with pytest.raises(BadRequest, match="is not here"):
        remove(entry, folder)


def test_half_a_download_can_be_removed(hub: Hub, entry: Download, folder: Path) -> None:
    hub.large.stall_at = 50_000
    with pytest.raises(Refusal):
        get(entry, folder, patience=QUICK)
    assert remove(entry, folder) >= 50_000
    assert not (folder / ".getting-style").exists() and not (folder / "style").exists()
