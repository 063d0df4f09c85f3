# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from torch import nn

from backend.adapters.attached import attached


class Noted:
    def __init__(self, name: str, notes: list[str]) -> None:
        self.name, self.notes = name, notes

    def attach(self, unet: nn.Module) -> None:
        self.notes.append(f"+{self.name}")

    def detach(self) -> None:
        self.notes.append(f"-{self.name}")


class Broken(Noted):
    def attach(self, unet: nn.Module) -> None:
        raise RuntimeError("no")


def test_detaches_in_reverse_also_on_error() -> None:
    notes: list[str] = []
    a, b = Noted("a", notes), Noted("b", notes)
    with pytest.raises(ZeroDivisionError), attached(nn.Identity(), [a, b]):
        _ = 1 / 0
    assert notes == ["+a", "+b", "-b", "-a"]


def test_what_did_not_attach_is_not_detached() -> None:
    notes: list[str] = []
    with pytest.raises(RuntimeError), attached(nn.Identity(), [Noted("a", notes), Broken("b", notes)]):
        pass
    assert notes == ["+a", "-a"]
