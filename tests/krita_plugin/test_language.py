# SPDX-License-Identifier: GPL-3.0-or-later
"""Every text that a painter sees can be translated."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from krita_plugin.underdrawing import language
from krita_plugin.underdrawing.language import tr

PLUGIN = Path(language.__file__).parent
UNSEEN = {
    "tr",
    "getLogger",
    "info",
    "warning",
    "error",
    "exception",
    "ValueError",
    "KeyError",
    "RuntimeError",
}
"""Calls whose words are for the log, for programmers, or translated."""
KEPT = {
    "Live preview",  # names a group in the artist's file, and is found again by it
    "This plugin runs inside Krita, which brings PyQt with it.",  # there is nothing that translates
}


def sentences(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of every string that reads like a sentence and is not translated."""
    passed = {
        id(inner)
        for node in ast.walk(tree)
        if (
            isinstance(node, ast.Expr | ast.AnnAssign)
            and not isinstance(getattr(node, "value", None), ast.Call | ast.Dict)
        )
        or (isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in UNSEEN)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and id(node) not in passed:
            last = node.values[-1]
            if isinstance(last, ast.Constant) and str(last.value).endswith(".") and " " in str(last.value):
                yield node.lineno, str(last.value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
            text = node.value
            if text[:1].isupper() and " " in text.strip() and "|" not in text and text not in KEPT:
                yield node.lineno, text


def test_every_sentence_passes_through_the_translation() -> None:
    found = [
        f"{path.relative_to(PLUGIN)}:{line}: {text}"
        for path in sorted(PLUGIN.rglob("*.py"))
        for line, text in sentences(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found, "\n".join(found)


def test_a_sentence_that_is_not_translated_is_found() -> None:
    tree = ast.parse('"""Doc."""\nnotice("It failed.")\nnotice(tr("It failed."))\nlog.info("It failed.")')
    assert list(sentences(tree)) == [(2, "It failed.")]


def test_what_translates_is_handed_in() -> None:
    assert tr("Draw on.") == "Draw on."
    try:
        language.use(str.upper)
        assert tr("Draw on.") == "DRAW ON."
    finally:
        language.use(str)
