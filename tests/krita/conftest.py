# SPDX-License-Identifier: GPL-3.0-or-later
"""One real Krita for all tests of this folder, with the plugin as install.py puts it there."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.programs.krita_session import REPO, KritaSession
from installer.krita import install_plugin, named_place

from .painter import SETTLING_S, Painter

ARTEFACTS = REPO / "artefacts" / "krita"
INSIDE = Path(__file__).with_name("inside.py").read_text()


def install(resources: Path, home: Path) -> None:
    """Put the plugin where install.py would."""
    install_plugin(named_place(resources), REPO, Path(sys.prefix), home)


def new_krita(home: Path | None = None) -> KritaSession:
    """A Krita of its own, to be entered; with its own backend unless `home` names another Krita's."""
    return KritaSession(Path(tempfile.mkdtemp(prefix="ud-krita-")), install, home=home)


@pytest.fixture(scope="session")
def krita() -> Iterator[KritaSession]:
    with new_krita() as session:
        try:
            session.run(INSIDE)
            yield session
        finally:
            ARTEFACTS.mkdir(parents=True, exist_ok=True)
            (ARTEFACTS / "krita.log").write_text(session.log())


@pytest.fixture
def painter(krita: KritaSession, request: pytest.FixtureRequest) -> Iterator[Painter]:
    """A painter before an empty screen; documents are closed and a last picture is kept afterwards."""
    painter = Painter(krita, ARTEFACTS / request.node.name)
    yield painter
    painter.look("end")
    time.sleep(SETTLING_S)
    krita.call("tidy")
