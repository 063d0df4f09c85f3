# SPDX-License-Identifier: GPL-3.0-or-later
"""A model hub on this machine, and a style that it offers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend import home
from backend.weights.files.download_list import Download, RemoteFile
from benchmarks.model_headers import write_header
from tests.backend.weights import hub_server
from tests.backend.weights.hub_server import REPO, SETTINGS, Hub, HubFile


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    from huggingface_hub import close_session

    for name in (
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "HF_TOKEN",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(home.HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setenv(home.OFFLINE_VARIABLE, "0")
    hub, server = hub_server.start()
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    close_session()
    yield hub
    close_session()
    hub_server.stop(hub, server)


@pytest.fixture
def weights(tmp_path: Path) -> bytes:
    """A LoRA of 200 kB that is a safetensors file."""
    shapes = {"lora_te_text_model_encoder_layers_0_self_attn_q_proj.lora_down.weight": (130, 768)}
    path = write_header(tmp_path / "made.safetensors", shapes)
    data = bytearray(path.read_bytes())
    data[2000:] = random.Random(0).randbytes(len(data) - 2000)
    return bytes(data)


@pytest.fixture
def entry(hub: Hub, weights: bytes) -> Download:
    hub.files[f"{REPO}/sub/weights.safetensors"] = HubFile(weights)
    hub.files[f"{REPO}/config.json"] = HubFile(SETTINGS)
    files = (
        RemoteFile("sub/weights.safetensors", "model.safetensors", len(weights)),
        RemoteFile("config.json", "config.json", 20),
    )
    return Download("style", "A style", "lora", "sd15", REPO, "main", "MIT", "For fun.", files)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "chosen"
