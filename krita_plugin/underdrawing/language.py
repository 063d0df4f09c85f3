# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts in the artist's language. No Qt here: what translates is handed in before all else is imported."""

from __future__ import annotations

from collections.abc import Callable

_translate: list[Callable[[str], str]] = []


def use(translate: Callable[[str], str]) -> None:
    """Have every text translated by this from now on."""
    _translate[:] = [translate]


def tr(text: str) -> str:
    """The text in the artist's language; as it is where nothing translates."""
    return _translate[0](text) if _translate else text
