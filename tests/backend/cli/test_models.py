# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend import home
from backend.cli import main as cli
from backend.cli import models as cli_models
from backend.weights.downloads.meter import Progress
from backend.weights.downloads.model_folders import folders
from backend.weights.files import download_list
from backend.weights.files.model_file import ModelFile
from benchmarks.model_headers import write_header
from tests.backend.weights import hub_server
from tests.backend.weights.hub_server import Hub, HubFile

LISTING = """
[models.word]
title = "A word"
kind = "textual_inversion"
base = "sd15"
repo = "painter/word"
licence = "MIT"
why = "For fun."
files = [{ name = "word.safetensors", about_bytes = ABOUT }]
"""


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(home.HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setenv(home.OFFLINE_VARIABLE, "0")
    for name in (*home.CACHES, *home.NO_NETWORK):  # enter_home sets them; put them back after the test
        monkeypatch.setenv(name, "")
    return tmp_path / "home"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    write_header(tmp_path / "mine/[bold]ink.safetensors", {"emb_params": (3, 768)})
    (tmp_path / "mine/old.ckpt").write_bytes(b"\x80")
    return tmp_path / "mine"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """A hub with one word, and a list that has nothing else."""
    from huggingface_hub import close_session

    hub, server = hub_server.start()
    hub.files["painter/word/word.safetensors"] = HubFile(
        write_header(tmp_path / "hub/w.safetensors", {"emb_params": (2, 768)}).read_bytes()
    )
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    offer(monkeypatch, tmp_path, 3000)
    close_session()
    yield hub
    close_session()
    hub_server.stop(hub, server)


def offer(monkeypatch: pytest.MonkeyPatch, folder: Path, about_bytes: int) -> None:
    (folder / "downloads.toml").write_text(LISTING.replace("ABOUT", str(about_bytes)))
    for function in (download_list.read_downloads, download_list.find_entry):
        defaults = tuple(folder / "downloads.toml" for _ in function.__defaults__ or ())
        monkeypatch.setattr(function, "__defaults__", defaults)


def test_it_loads_neither_torch_nor_the_hub_to_list() -> None:
    code = (
        "import sys; from backend.cli import main as cli; status = cli.run(['models', 'list', '--json']);"
        "print(sorted({'torch', 'diffusers', 'huggingface_hub', 'rich.table'} & set(sys.modules)), status)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[-1] == "[] 0"


def test_folders_are_added_listed_and_removed(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["models", "folders", "add", str(models)]) == 0
    assert "of 2 found, 1 can be used" in capsys.readouterr().out
    assert cli.run(["models", "folders"]) == 0
    assert str(models) in capsys.readouterr().out
    assert cli.run(["models", "folders", "remove", str(models)]) == 0
    assert folders() == ()
    assert cli.run(["models", "folders", "add", str(models / "none")]) == cli.REFUSED
    assert "cannot be opened" in capsys.readouterr().err


def test_a_table_for_people(
    models: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    cli.run(["models", "folders", "add", str(models)])
    capsys.readouterr()
    assert cli.run(["models", "list"]) == 0
    told = capsys.readouterr().out
    assert "[bold]ink" in told and "learnt word" in told and "3 tokens" in told
    assert "pickled" in told and "sd15-lcm" in told and "about 2.1 GB" in told


def test_an_object_for_machines(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.run(["models", "folders", "add", str(models)])
    capsys.readouterr()
    assert cli.run(["models", "list", "--json"]) == 0
    listing = json.loads(capsys.readouterr().out)
    assert [model["kind"] for model in listing["models"]] == ["textual_inversion", "unknown"]
    assert listing["models"][0]["path"] == str(models / "[bold]ink.safetensors")
    assert all(not offered["here"] for offered in listing["downloads"])


def test_without_models_the_way_to_some_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["models", "list"]) == 0
    assert "models folders add" in capsys.readouterr().out


def test_fetch_check_and_remove(hub: Hub, own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["models", "get", "word"]) == 0
    told = capsys.readouterr().out
    assert "about 3 kB from painter/word" in told and "licence: MIT" in told and "A word is here" in told
    assert (own_home / "models/word/word.safetensors").exists()
    assert cli.run(["models", "get", "word"]) == 0
    assert "here already" in capsys.readouterr().out
    assert cli.run(["models", "list", "--json"]) == 0
    listing = json.loads(capsys.readouterr().out)
    assert listing["downloads"][0]["here"] and listing["models"][0]["tokens"] == 2
    assert cli.run(["models", "verify", "word"]) == 0
    assert "A word: as it should be" in capsys.readouterr().out
    (own_home / "models/word/word.safetensors").write_bytes(b"x")
    assert cli.run(["models", "verify", "word"]) == 1
    assert "damaged" in capsys.readouterr().err
    assert cli.run(["models", "remove", "word", "--yes"]) == 0
    assert "are free again" in capsys.readouterr().out
    assert cli.run(["models", "remove", "word", "--yes"]) == cli.REFUSED


def test_another_folder(hub: Hub, tmp_path: Path) -> None:
    assert cli.run(["models", "get", "word", "--in", str(tmp_path / "there")]) == 0
    assert (tmp_path / "there/word/word.safetensors").exists()


def test_large_ones_are_asked_for(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    offer(monkeypatch, tmp_path, cli_models.ASK_FROM_BYTES)
    assert cli.run(["models", "get", "word"]) == cli.REFUSED
    out, err = capsys.readouterr()
    assert "about 500 MB" in out and "--yes" in err
    assert hub.asked == [], "sizes are told before anything is fetched"
    assert cli.run(["models", "get", "word", "--yes"]) == 0


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1)])
def test_the_answer_counts(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    import io

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    offer(monkeypatch, tmp_path, cli_models.ASK_FROM_BYTES)
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    assert cli.run(["models", "get", "word"]) == code
    assert bool(hub.asked) == (code == 0)


def test_trouble_is_told_in_words(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.files["painter/word/word.safetensors"].status = 404
    assert cli.run(["models", "get", "word"]) == cli.REFUSED
    err = capsys.readouterr().err
    assert "has no" in err and "Traceback" not in err
    assert cli.run(["models", "get", "sd9"]) == cli.REFUSED
    assert "no model 'sd9'" in capsys.readouterr().err


@pytest.mark.weights
def test_what_ships_is_checked_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["models", "verify", "embedded"]) == 0
    assert "Embedded: as it should be" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 B"), (999, "999 B"), (3000, "3 kB"), (2.5e6, "2 MB"), (6.94e9, "6.9 GB")]
)
def test_sizes_are_readable(size: float, words: str) -> None:
    assert cli_models.readable(size) == words


def test_where_a_download_stands() -> None:
    assert (
        cli_models.standing(Progress("a", 5_000_000, 10_000_000, 1e6, 65))
        == "5 MB of 10 MB, 1 MB/s, 1:05 left"
    )
    assert cli_models.standing(Progress("a", 0, 10, 0, None)) == "0 B of 10 B"


def test_what_is_known_is_told_in_a_few_words() -> None:
    entry = ModelFile(Path("a"), "checkpoint", "sd15", "a", 1, inpaint=True, prediction="v_prediction")
    assert cli_models.about(entry) == "inpaints, v prediction"
    lora = ModelFile(Path("a"), "lora", "sd15", "a", 1, rank=8, few_steps="LCM")
    assert cli_models.about(lora) == "rank 8, few steps (LCM)"
