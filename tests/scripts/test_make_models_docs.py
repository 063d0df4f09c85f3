# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from backend.weights.files.catalogue import read_catalogue
from backend.weights.files.download_list import read_downloads
from scripts import make_models_docs


def test_the_page_is_up_to_date() -> None:
    made = make_models_docs.document()
    assert make_models_docs.TARGET.read_text("utf-8") == made, "run scripts/make_models_docs.py"


def test_every_model_is_on_it_with_its_licence() -> None:
    page = make_models_docs.document()
    for entry in (*read_catalogue().values(), *read_downloads().values()):
        line = next(line for line in page.splitlines() if line.startswith(f"| `{entry.id}` |"))
        assert entry.licence in line
