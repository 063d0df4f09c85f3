# SPDX-License-Identifier: GPL-3.0-or-later
"""What a hub, or the line to it, can do wrong; the one here stalls, breaks off and lies."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from backend.weights.downloads.fetching import get
from backend.weights.downloads.hub import Patience
from backend.weights.files.download_list import Download
from shared.errors import MissingWeights, Refusal
from tests.backend.weights.hub_server import REPO, Hub, HubFile

QUICK = Patience(stall_s=0.4, tries=2, pause_s=0.01)


def test_a_line_that_breaks_is_taken_up_again(
    hub: Hub, entry: Download, folder: Path, weights: bytes
) -> None:
    hub.large.cut_after, hub.large.cuts = 60_000, 3
    own = get(entry, folder, patience=QUICK)
    assert (own / "model.safetensors").read_bytes() == weights
    assert [span for _, span in hub.gets()] == ["", "bytes=60000-", "bytes=120000-", "bytes=180000-"]


def test_a_server_that_cannot_go_on_in_the_middle(
    hub: Hub, entry: Download, folder: Path, weights: bytes
) -> None:
    hub.large.cut_after, hub.large.cuts, hub.large.ranges = 60_000, 1, False
    own = get(entry, folder, patience=QUICK)
    assert (own / "model.safetensors").read_bytes() == weights


@pytest.mark.parametrize("stall_at", [0, 70_000])
def test_a_server_that_stalls(hub: Hub, entry: Download, folder: Path, weights: bytes, stall_at: int) -> None:
    hub.large.stall_at = stall_at
    with pytest.raises(Refusal, match=r"stopped answering.*what came is kept"):
        get(entry, folder, patience=QUICK)
    hub.large.stall_at = None
    get(entry, folder, patience=QUICK)
    assert (folder / "style/model.safetensors").read_bytes() == weights


def test_a_server_that_always_breaks_off(hub: Hub, entry: Download, folder: Path) -> None:
    hub.large.cut_after = 0
    with pytest.raises(Refusal, match=r"connection|breaks off"):
        get(entry, folder, patience=QUICK)


def test_a_hash_that_lies(hub: Hub, entry: Download, folder: Path) -> None:
    hub.large.etag = "0" * 64
    with pytest.raises(Refusal, match=r"came damaged.*Fetch it again"):
        get(entry, folder, patience=QUICK)
    assert list((folder / ".getting-style").glob(".*.part")) == [], "what is wrong is thrown away"


def test_small_files_are_compared_too(hub: Hub, entry: Download, folder: Path) -> None:
    hub.files[f"{REPO}/config.json"].etag = "0" * 40
    with pytest.raises(Refusal, match=r"config\.json came damaged"):
        get(entry, folder, patience=QUICK)


@pytest.mark.parametrize(
    ("promised", "words"), [(150_000, "longer than was promised"), (250_000, "breaks off")]
)
def test_a_length_that_lies(hub: Hub, entry: Download, folder: Path, promised: int, words: str) -> None:
    hub.large.promised = promised
    with pytest.raises(Refusal, match=words):
        get(entry, folder, patience=QUICK)
    assert not (folder / "style").exists()


def test_a_mirror_with_hashes_of_its_own_is_still_read_by_its_header(
    hub: Hub, entry: Download, folder: Path
) -> None:
    hub.files[f"{REPO}/sub/weights.safetensors"] = HubFile(b"<html>" + bytes(2000), etag='W/"odd"')
    with pytest.raises(MissingWeights, match="web page"):
        get(entry, folder, patience=QUICK)
    assert not (folder / "style").exists()


@pytest.mark.parametrize(
    ("status", "code", "words", "remedy"),
    [
        (403, "GatedRepo", "accept its licence", "HF_TOKEN"),
        (401, "GatedRepo", "accept its licence", "HF_TOKEN"),
        (401, "RepoNotFound", "has no painter/style", "HF_TOKEN"),
        (404, "RepoNotFound", "has no painter/style", "HF_TOKEN"),
        (404, "RevisionNotFound", "has no painter/style", "HF_TOKEN"),
        (404, "EntryNotFound", "no file sub/weights", "newer version"),
        (403, "", "does not give you", "HF_TOKEN"),
        (500, "", r"reports a server error \(500\)", "later"),
        (429, "", r"reports a server error \(429\)", "later"),
    ],
)
def test_a_server_that_refuses(
    hub: Hub, entry: Download, folder: Path, status: int, code: str, words: str, remedy: str
) -> None:
    hub.large.status, hub.large.code = status, code
    with pytest.raises(Refusal, match=words) as refused:
        get(entry, folder, patience=QUICK)
    assert remedy in refused.value.remedy


def test_no_network(entry: Download, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(Refusal, match=r"cannot be reached.*network"):
        get(entry, folder, patience=QUICK)


def test_a_proxy_that_is_not_there(entry: Download, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with pytest.raises(Refusal, match=r"cannot be reached|proxy"):
        get(entry, folder, patience=QUICK)


def test_a_proxy_is_used(hub: Hub, entry: Download, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub stands in for a proxy: it is asked for whole addresses of a host that does not exist."""
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    monkeypatch.setenv("HTTP_PROXY", hub.url)
    with pytest.raises(Refusal):
        get(entry, folder, patience=QUICK)
    assert any(path.startswith("http://hub.invalid/painter/style") for _, path, *_ in hub.asked)


def test_something_else_than_a_hub(hub: Hub, entry: Download, folder: Path) -> None:
    hub.large.etag = ""
    hub.files[f"{REPO}/sub/weights.safetensors"].data = b"x" * 10
    with pytest.raises(Refusal):
        get(entry, folder, patience=QUICK)


def test_the_network_is_closed_again_after_a_download(hub: Hub, entry: Download, folder: Path) -> None:
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        get(entry, folder, patience=QUICK)
        assert constants.HF_HUB_OFFLINE is True
    finally:
        constants.HF_HUB_OFFLINE = before


def test_a_token_goes_to_the_hub_and_to_no_other_host(
    hub: Hub, entry: Download, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    get(entry, folder, patience=QUICK)
    tokens = {("/sent/" in path): token for _, path, _, token in hub.asked if "weights" in path}
    assert tokens == {False: "Bearer hf_secret", True: ""}


def test_a_disk_that_fills_up_in_the_middle(hub: Hub, entry: Download, folder: Path, weights: bytes) -> None:
    """The system itself stops the file at 100 kB, as a full disk would; afterwards it goes on."""
    code = f"""
import resource, signal, sys
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
from backend.weights.downloads.fetching import get
from backend.weights.files.download_list import Download, RemoteFile
from shared.errors import Refusal
files = (RemoteFile("sub/weights.safetensors", "model.safetensors", 1),)
entry = Download("style", "A style", "lora", "sd15", "{REPO}", "main", "MIT", "", files)
try:
    get(entry, Path({str(folder)!r}))
except Refusal as refusal:
    print(refusal)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "The disk is full. Make room" in done.stdout, done.stderr
    own = get(entry, folder, patience=QUICK)
    assert (own / "model.safetensors").read_bytes() == weights
    assert "bytes=100000-" in [span for _, span in hub.gets()]
