# SPDX-License-Identifier: GPL-3.0-or-later
"""A Perform whose process never gets ready."""

from __future__ import annotations

from tests.backend.jobs.performs import perform as perform


def prepare() -> str:
    raise SystemExit("no torch here")
