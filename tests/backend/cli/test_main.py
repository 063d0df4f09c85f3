# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line's root: quick help, refusals in words, commands found only when called."""

from __future__ import annotations

import subprocess
import sys
import types
from typing import Annotated

import pytest
import typer

from backend.cli import main as cli
from shared.errors import BadRequest
from shared.version import VERSION


def test_help_names_every_command_and_loads_no_torch() -> None:
    code = (
        "import sys; from backend.cli import main as cli; status = cli.run(['--help']);"
        "print(sorted({'torch', 'diffusers', 'transformers', 'numpy'} & set(sys.modules)), status)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.rstrip().endswith("[] 0")
    listed = {line.strip("│ ").split()[0] for line in answer.stdout.splitlines() if line.strip("│ ")}
    assert set(cli.COMMANDS) <= listed


def test_every_command_can_be_loaded_and_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for name in cli.COMMANDS:
        assert cli.run([name, "--help"]) == 0
        assert f"underdrawing {name}" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out == f"underdrawing {VERSION}\n"


def test_refusal_is_told_with_its_remedy_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["bench", "nothing"]) == cli.REFUSED
    out, err = capsys.readouterr()
    assert out == ""
    assert "no benchmark called 'nothing'" in err
    assert "Choose one of" in err
    assert "Traceback" not in err


def test_unknown_option_of_a_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["bench", "wire", "--nope"]) == 2
    assert "--nope" in capsys.readouterr().err


def _command(monkeypatch: pytest.MonkeyPatch, target: object) -> None:
    module = types.ModuleType("backend.sample")
    module.target = target  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "backend.sample", module)
    monkeypatch.setitem(cli.COMMANDS, "doctor", cli.Entry("backend.sample:target", ""))
    monkeypatch.setattr(cli, "load", lambda _: _load("backend.sample:target"))


_load = cli.load


def test_arguments_reach_the_command_in_order(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def sample(
        picture: Annotated[str, typer.Argument()],
        size: Annotated[int, typer.Option()] = 1,
        bright: Annotated[bool, typer.Option("--bright")] = False,
    ) -> None:
        print(picture, size, bright)

    _command(monkeypatch, sample)
    assert cli.run(["doctor", "--size", "7", "a b.png", "--bright"]) == 0
    assert capsys.readouterr().out == "a b.png 7 True\n"


def test_sub_commands_and_exit_codes_pass_through(monkeypatch: pytest.MonkeyPatch) -> None:
    sub = typer.Typer()

    @sub.command()
    def good() -> None: ...

    @sub.command()
    def bad() -> None:
        raise typer.Exit(5)

    @sub.command()
    def refused() -> None:
        raise BadRequest("No.", "Ask otherwise.")

    _command(monkeypatch, sub)
    assert [cli.run(["doctor", name]) for name in ("good", "bad", "refused")] == [0, 5, 2]
