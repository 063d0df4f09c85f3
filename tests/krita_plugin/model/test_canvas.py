# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable

import pytest

from ..canvas_contract import CHECKS, Steps, Studio
from ..fake_canvas import FakeStudio
from ..pane_contract import PANE_CHECKS


@pytest.mark.parametrize(
    "check", CHECKS + PANE_CHECKS, ids=lambda check: check.__name__.removeprefix("check_")
)
def test_fake_canvas_keeps_the_contract(check: Callable[[Studio], Steps]) -> None:
    for _ in check(FakeStudio()):
        pass
