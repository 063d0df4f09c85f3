# SPDX-License-Identifier: GPL-3.0-or-later
"""`install.py` itself, run as a person runs it, in a copy of the program's folder. Nothing is downloaded."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import install
from installer.plan import PAINTED_BY

REPO = Path(__file__).parents[1]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The files that the installer needs before it has installed anything."""
    root = tmp_path / "under drawing"
    root.mkdir()
    shutil.copy(REPO / "install.py", root)
    shutil.copy(REPO / "pyproject.toml", root)
    for folder in ("installer", "shared"):
        shutil.copytree(REPO / folder, root / folder)
    return root


def _run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    person = root.parent / "person"
    person.mkdir(exist_ok=True)
    environment = {
        "HOME": str(person),
        "PATH": os.environ["PATH"],
        "UNDERDRAWING_HOME": str(root.parent / "home"),
    }
    return subprocess.run(
        [sys.executable, "install.py", *arguments],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_fault_is_told_with_its_remedy_and_the_next_run_goes_on(copy: Path) -> None:
    first = _run(copy, "--offline", "--no-krita", "--torch", "xpu")
    assert first.returncode == install.REFUSED
    for word in ("[1/8] Python", "[2/8] Room on the disk", "[3/8] Virtual environment"):
        assert word in first.stdout
    assert "No xpu build of torch" in first.stderr
    assert "What to do:" in first.stderr
    assert "Traceback" not in first.stderr
    again = _run(copy, "--offline", "--no-krita", "--torch", "xpu")
    assert "(already there)" in again.stdout


def test_doctor_reports_without_a_backend(copy: Path) -> None:
    answer = _run(copy, "doctor")
    assert answer.returncode == 1
    assert "Underdrawing 0." in answer.stdout
    assert "is missing or broken" in answer.stdout
    assert "Run: python3 install.py" in answer.stdout
    assert str(copy.parent / "person") not in answer.stdout


def test_uninstall_takes_everything_out_but_what_is_kept(copy: Path) -> None:
    pykrita = copy.parent / "person/.local/share/krita/pykrita"
    (pykrita / "underdrawing").mkdir(parents=True)
    (pykrita / "underdrawing.desktop").touch()
    (pykrita / "tenbrushes").mkdir()
    (copy / ".venv").mkdir()
    (copy / ".venv/pyvenv.cfg").touch()
    (copy.parent / "home").mkdir()
    answer = _run(copy, "uninstall")
    assert answer.returncode == 0
    assert [file.name for file in pykrita.iterdir()] == ["tenbrushes"]
    assert not (copy / ".venv").exists()
    assert (copy.parent / "home").exists()
    assert "--all" in answer.stdout
    _run(copy, "uninstall", "--all")
    assert not (copy.parent / "home").exists()


def test_uninstall_never_removes_a_foreign_folder(copy: Path) -> None:
    (copy / ".venv").mkdir()
    (copy / ".venv/letters.txt").touch()
    _run(copy, "uninstall")
    assert (copy / ".venv/letters.txt").exists()


def test_arguments_after_the_dashes_are_for_pytest() -> None:
    options, rest = install.parse(["test", "--home", "h", "--", "-k", "--torch"])
    assert (options.command, options.home, rest) == ("test", Path("h"), ["-k", "--torch"])
    assert install.parse([])[0].command == "install"


def test_an_unknown_build_of_torch_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        install.parse(["--torch", "abacus"])
    assert "abacus" in capsys.readouterr().err


def test_what_the_first_picture_depends_on_exists() -> None:
    for folder in PAINTED_BY:
        assert (REPO / folder).exists(), folder
