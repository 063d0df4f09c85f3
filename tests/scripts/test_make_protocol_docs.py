# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import fields
from typing import get_args

from scripts import make_protocol_docs
from shared.acts import PaintRequest
from shared.messages import ClientMessage, ServerMessage, Surface, Tile


def test_the_page_is_up_to_date() -> None:
    made = make_protocol_docs.document()
    assert make_protocol_docs.TARGET.read_text("utf-8") == made, "run scripts/make_protocol_docs.py"


def test_every_message_and_every_field_is_on_it() -> None:
    page = make_protocol_docs.document()
    for kind in (*get_args(ClientMessage), *get_args(ServerMessage), PaintRequest, Surface, Tile):
        part = page.partition(f"### {kind.__name__}")[2].partition("###")[0]
        assert all(f"| `{field.name}` |" in part for field in fields(kind)), kind


def test_what_args_says_stands_beside_its_fields() -> None:
    words, explained = make_protocol_docs.docstring(PaintRequest)
    assert words.startswith("Paint the masked region of a picture under its strokes.")
    assert explained["contour"] == explained["detail"] == "Line layers; ink is what is dark and opaque."
    assert explained["grow_px"].endswith("in canvas pixels.")
