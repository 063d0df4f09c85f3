# SPDX-License-Identifier: GPL-3.0-or-later
"""pip of the environment: its words go to a log, its progress to the step's line, its faults to a remedy."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, TypedDict, cast

from installer.environment import last_line, site_packages
from installer.steps import Say
from shared.errors import Refusal

KEPT_LINES = 12
RAW_PROGRESS_SINCE = (24, 1)
LEAKS = {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PIP_TARGET", "PIP_PREFIX", "PIP_USER"}

FAULTS: tuple[tuple[str, str, str], ...] = (
    (
        r"No space left on device|not enough space on the disk",
        "The disk is full.",
        "Free some space, then run install.py again; it goes on where it stopped.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError",
        "The package server's certificate was not accepted; a proxy or a virus scanner may stand between.",
        "Name your proxy's certificate with PIP_CERT=/path/to/file.pem, or use another network.",
    ),
    (
        r"name resolution|getaddrinfo failed|Failed to establish a new connection|Network is unreachable|"
        r"ConnectTimeout|Read timed out|ProxyError|Connection (refused|reset|aborted)|nodename nor servname",
        "The package server could not be reached.",
        "Check the network (and the HTTPS_PROXY variable behind a proxy), then run install.py again; "
        "it goes on where it stopped.",
    ),
    (
        r"Permission denied|EnvironmentError: \[Errno 13\]|Access is denied",
        "A file of the environment cannot be written.",
        "Close Krita, check that the .venv folder belongs to you, and run install.py again.",
    ),
    (
        r"No matching distribution|Could not find a version|ResolutionImpossible",
        "A package has no version for this Python and this machine.",
        "Use a 64-bit Python 3.11, 3.12 or 3.13; behind a company's mirror, ask for the named package.",
    ),
    (
        r"DO NOT MATCH THE HASHES|IncompleteRead|incomplete-download|BadZipFile|invalid wheel",
        "A download arrived damaged.",
        "Run install.py again.",
    ),
)
"""What pip says (a pattern), what it means and what to do."""


class Planned(TypedDict):
    """One package that pip would install."""

    name: str
    version: str


@dataclass(frozen=True)
class Pip:
    """pip of one environment.

    Args:
        python: The environment's Python.
        log: Everything pip says is appended here.
        offline: Never touch the network; only folders named in pip's own settings are searched.
    """

    python: Path
    log: Path
    offline: bool = False

    def install(self, arguments: Sequence[str], say: Say) -> None:
        """Run `pip install`.

        Raises:
            Refusal: `pip_failed`, with what it means and pip's last lines.
        """
        tail: deque[str] = deque(maxlen=KEPT_LINES)
        code = self._run(["install", "--progress-bar", self._progress_bar(), *arguments], tail, say)
        if code != 0:
            raise self._explain(tail)

    def plan(self, arguments: Sequence[str]) -> list[Planned]:
        """What `pip install` would install. Downloads no package.

        Raises:
            Refusal: `pip_failed`, nothing suitable was found.
        """
        tail: deque[str] = deque(maxlen=KEPT_LINES)
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.json"
            options = ["--dry-run", "--ignore-installed", "--quiet", "--report", str(report)]
            if self._run(["install", *options, *arguments], tail, lambda _: None) != 0:
                raise self._explain(tail)
            text = report.read_text(encoding="utf-8")
        found = cast("dict[str, list[dict[str, Planned]]]", json.loads(text))
        packages = [one["metadata"] for one in found["install"]]
        return [{"name": one["name"], "version": one["version"]} for one in packages]

    def _run(self, arguments: Sequence[str], tail: deque[str], say: Say) -> int:
        command = [str(self.python), "-m", "pip", *arguments, "--disable-pip-version-check", "--no-input"]
        if self.offline:
            command += ["--no-index", "--no-build-isolation"]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        options: dict[str, Any] = {"text": True, "encoding": "utf-8", "errors": "replace"}
        options |= {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "env": clean_environment()}
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"\n$ {' '.join(command)}\n")
            with subprocess.Popen(command, **options) as process:
                _follow(cast("TextIO", process.stdout), log, tail, say)
        return process.returncode

    def _progress_bar(self) -> str:
        for folder in site_packages(self.python.parents[1]).glob("pip-*.dist-info"):
            numbers = re.findall(r"\d+", folder.name)
            if tuple(int(number) for number in numbers[:2]) >= RAW_PROGRESS_SINCE:
                return "raw"
        return "off"

    def _explain(self, tail: Sequence[str]) -> Refusal:
        text = "\n".join(tail)
        for pattern, meaning, remedy in FAULTS:
            if re.search(pattern, text):
                if self.offline:
                    meaning, remedy = (
                        "A package is missing, and --offline forbids fetching it.",
                        "Run install.py once without --offline, or name your wheels in PIP_FIND_LINKS.",
                    )
                return Refusal(
                    f"{meaning} pip said: {_worst(tail)}", f"{remedy} (Log: {self.log})", code="pip_failed"
                )
        shown = "\n    ".join(tail)
        return Refusal(
            f"pip could not install the packages. Its last lines:\n    {shown}",
            f"Run install.py again; if it fails again, send {self.log} with a report from: "
            "python3 install.py doctor",
            code="pip_failed",
        )


def clean_environment() -> dict[str, str]:
    """This process's environment without what Krita's or another Python's launcher may have left in it."""
    return {name: value for name, value in os.environ.items() if name not in LEAKS}


def _follow(lines: TextIO, log: TextIO, tail: deque[str], say: Say) -> None:
    """Sort what pip says into the log, the last lines and the step's own line."""
    package = ""
    for line in lines:
        if progress := re.match(r"Progress (\d+) of (\d+)", line):
            done, total = int(progress[1]) / 2**20, int(progress[2]) / 2**20
            say(f"{package} {done:.0f} of {total:.0f} MiB")
            continue
        log.write(line)
        tail.append(line.rstrip())
        if working := re.match(r"\s*(Collecting|Downloading|Processing|Installing|Building)\s+(\S+)", line):
            package = f"{working[1].lower()} {working[2].rsplit('/', 1)[-1]}"
            say(package)


def _worst(lines: Sequence[str]) -> str:
    errors = [line for line in lines if line.startswith("ERROR")]
    return last_line("\n".join(errors or lines))
