# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents' promises that a machine can check: links lead somewhere, commands exist."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from backend.cli import main as cli

REPO = Path(__file__).parents[1]
PAGES = [
    *REPO.glob("*.md"),
    *REPO.glob("docs/**/*.md"),
    *REPO.glob("models/embedded/*.md"),
]
LINE_LIMIT = 400
LONGEST_README = 150


def _sources() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=REPO, capture_output=True, text=True, check=False
    ).stdout.split()
    return [REPO / name for name in listing if (REPO / name).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPO)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    for link in links:
        if not re.match(r"\w+:", link):
            assert (page.parent / link.partition("#")[0]).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPO)))
def test_commands_in_the_pages_exist(page: Path) -> None:
    command = r"^(?:\$ )?(?:\.venv/bin/)?underdrawing ([a-z]+)"
    named = re.findall(command, page.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(named) <= set(cli.COMMANDS)


def test_the_readme_is_short() -> None:
    assert len((REPO / "README.md").read_text(encoding="utf-8").splitlines()) <= LONGEST_README


def test_every_decision_is_listed() -> None:
    index = (REPO / "docs/decisions/README.md").read_text(encoding="utf-8")
    for page in (REPO / "docs/decisions").glob("*.md"):
        assert page.name == "README.md" or f"]({page.name})" in index, page.name


@pytest.mark.skipif(not (REPO / ".git").exists(), reason="not a checkout")
def test_every_source_states_its_licence_and_is_short_enough_to_read() -> None:
    sources = _sources()
    assert len(sources) > 50
    for file in sources:
        lines = file.read_text(encoding="utf-8").splitlines()
        first = lines[1] if lines[0].startswith("#!") else lines[0]
        assert first == "# SPDX-License-Identifier: GPL-3.0-or-later", file
        assert len(lines) <= LINE_LIMIT, file


def test_nothing_is_left_for_later() -> None:
    for file in _sources():
        if file != Path(__file__):
            assert not re.search(r"\b(TODO|FIXME|XXX)\b", file.read_text(encoding="utf-8")), file
