# SPDX-License-Identifier: GPL-3.0-or-later
"""What every test shares: a private home, and a loud word about what is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from backend import home

os.environ.setdefault(*home.WAIT)  # before torch is first imported; the suite shares its cores with Krita

hypothesis.settings.register_profile(
    "calm", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], derandomize=True
)
hypothesis.settings.load_profile("calm")
"""A busy machine is no fault: speed is for the benchmarks. The same examples every time."""

REPO = Path(__file__).parents[1]
KRITA_PROGRAMS = ("krita", "Xvfb", "openbox", "xdotool", "import")


@pytest.fixture(scope="session", autouse=True)
def private_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test reads or writes the artist's own folder, and none leaves its environment behind."""
    before = dict(os.environ)
    folder = tmp_path_factory.mktemp("home")
    os.environ["UNDERDRAWING_HOME"] = str(folder)
    yield folder
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for this machine that nobody trusts yet, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command += ["-days", "1", *names, "-out", str(certificate), "-keyout", str(key)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed, so there is no certificate to test TLS with")
    return certificate, key


def missing_krita_programs() -> list[str]:
    return [program for program in KRITA_PROGRAMS if shutil.which(program) is None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    absent = missing_krita_programs()
    weights = any((REPO / "models/embedded/unet").glob("*.safetensors"))
    for item in items:
        if absent and item.get_closest_marker("krita"):
            item.add_marker(pytest.mark.skip(reason=f"needs {', '.join(absent)}"))
        if not weights and item.get_closest_marker("weights"):
            item.add_marker(pytest.mark.skip(reason="models/embedded has no weights"))
        if item.get_closest_marker("gpu") and not _has_gpu():
            item.add_marker(pytest.mark.skip(reason="no GPU"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if absent := missing_krita_programs():
        terminalreporter.write_line(
            f"!!! NOT TESTED IN KRITA: {', '.join(absent)} not installed; the krita tests were skipped !!!",
            red=True,
            bold=True,
        )


def _has_gpu() -> bool:
    import torch

    return torch.accelerator.is_available()
