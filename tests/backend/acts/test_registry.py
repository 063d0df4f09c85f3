# SPDX-License-Identifier: GPL-3.0-or-later
"""Every request leads to an act and a schedule."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from dataclasses import replace
from typing import get_args

import pytest

from backend.acts.registry import ACTS, BACKGROUND, FOREGROUND, Schedule, schedule_of
from shared.acts import Request
from shared.messages import Submit
from tests.golden.samples import LEARN, REQUEST, SAMPLES

REQUESTS = [message.request for _, message in SAMPLES.values() if isinstance(message, Submit)]


def test_every_request_has_an_act_and_a_sample() -> None:
    assert set(ACTS) == set(get_args(Request)) == {type(request) for request in REQUESTS}


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.kind)
def test_every_act_is_there_and_takes_work_and_report(request_: Request) -> None:
    target = ACTS[type(request_)].target
    module, _, name = (target if isinstance(target, str) else target(request_)).partition(":")
    act = getattr(importlib.import_module(module), name)
    assert list(inspect.signature(act).parameters) == ["work", "report"]
    assert inspect.signature(act).return_annotation == "Answer"


def test_a_preview_is_done_at_once_and_a_learning_gives_way() -> None:
    usual = replace(REQUEST, live=False)
    assert schedule_of(usual) == FOREGROUND
    assert schedule_of(LEARN) == BACKGROUND
    quick = replace(REQUEST, live=True, engine="instant", quick=True)
    assert schedule_of(quick) == Schedule(is_live=True, interleaved=True)
    assert schedule_of(replace(quick, quick=False)) == Schedule(
        is_live=True, interleaved=True, yields_to_live=True
    )
    assert schedule_of(replace(quick, engine="full")) == Schedule(is_live=True)


def test_no_act_is_imported_before_it_is_asked_for() -> None:
    code = "import sys, backend.acts.registry; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
