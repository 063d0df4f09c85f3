# SPDX-License-Identifier: GPL-3.0-or-later
"""pip: its plan, its log, its progress, and a remedy for what it says."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from installer.pip import FAULTS, Pip, clean_environment
from shared.errors import Refusal


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A folder with one tiny wheel, tinypaint 1.2."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    info = "tinypaint-1.2.dist-info"
    with zipfile.ZipFile(folder / "tinypaint-1.2-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tinypaint.py", "COLOUR = 'red'\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tinypaint\nVersion: 1.2\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return folder


def _pip(tmp_path: Path, **options: bool) -> Pip:
    return Pip(Path(sys.executable), tmp_path / "logs" / "install.log", **options)


def test_plan_names_what_would_be_installed(tmp_path: Path, wheels: Path) -> None:
    planned = _pip(tmp_path, offline=True).plan(["--find-links", str(wheels), "tinypaint"])
    assert planned == [{"name": "tinypaint", "version": "1.2"}]


def test_install_tells_what_it_does_and_logs_everything(tmp_path: Path, wheels: Path) -> None:
    pip, said = _pip(tmp_path, offline=True), list[str]()
    pip.install(["--target", str(tmp_path / "out"), "--find-links", str(wheels), "tinypaint"], said.append)
    assert (tmp_path / "out" / "tinypaint.py").exists()
    assert any("tinypaint" in line for line in said)
    log = pip.log.read_text()
    assert "--find-links" in log
    assert "Successfully installed tinypaint-1.2" in log


def test_offline_says_that_offline_is_the_reason(tmp_path: Path, wheels: Path) -> None:
    with pytest.raises(Refusal, match="--offline forbids fetching it") as caught:
        _pip(tmp_path, offline=True).plan(["--find-links", str(wheels), "watercolours"])
    assert "PIP_FIND_LINKS" in caught.value.remedy


SAYINGS = [
    ("OSError: [Errno 28] No space left on device", "disk is full"),
    ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "certificate"),
    ("Failed to establish a new connection: [Errno -3] Temporary failure in name resolution", "reached"),
    (
        "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied",
        "cannot be written",
    ),
    ("ERROR: No matching distribution found for torch==2.13.0", "no version"),
    ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "damaged"),
]


def _scripted(tmp_path: Path, script: str) -> Pip:
    """A pip whose Python is a script, in a folder of an environment's shape."""
    (tmp_path / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    return Pip(python, tmp_path / "install.log")


@pytest.mark.parametrize(("saying", "meaning"), SAYINGS)
def test_what_pip_says_is_put_into_words(tmp_path: Path, saying: str, meaning: str) -> None:
    script = f"cat <<'END'\nCollecting torch\n{saying}\nEND\nexit 1"
    with pytest.raises(Refusal, match=meaning) as caught:
        _scripted(tmp_path, script).install(["torch"], lambda _: None)
    assert saying in str(caught.value)
    assert str(tmp_path / "install.log") in caught.value.remedy


def test_every_known_fault_has_a_saying() -> None:
    assert len(SAYINGS) == len(FAULTS)


def test_an_unknown_fault_shows_the_last_lines_and_the_log(tmp_path: Path) -> None:
    pip = _scripted(tmp_path, "for n in $(seq 40); do echo line $n; done; exit 3")
    with pytest.raises(Refusal) as caught:
        pip.install(["torch"], lambda _: None)
    assert "line 40" in caught.value.message
    assert "line 20\n" not in caught.value.message
    assert "line 1\n" in pip.log.read_text()


def test_progress_is_shown_in_mebibytes(tmp_path: Path) -> None:
    said: list[str] = []
    script = "echo '  Downloading https://x.org/torch-2.whl (180 MB)'; echo 'Progress 1048576 of 4194304'"
    _scripted(tmp_path, script).install(["torch"], said.append)
    assert said == ["downloading torch-2.whl", "downloading torch-2.whl 1 of 4 MiB"]


def test_foreign_settings_do_not_reach_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHOME", "/krita")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    assert "PYTHONHOME" not in clean_environment()
    assert clean_environment()["HTTPS_PROXY"] == "http://proxy"
