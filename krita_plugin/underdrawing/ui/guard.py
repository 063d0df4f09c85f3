# SPDX-License-Identifier: GPL-3.0-or-later
"""The border between Qt and the panel: every slot goes through it, and so does all that is queued."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from ..qt import QtWidgets, is_gone

log = logging.getLogger(__name__)

Slot = Callable[..., None]


class Guard:
    """Makes slots that no exception leaves, and that do nothing once their widget is gone.

    An exception that left a slot would end Krita and the artist's work. And Krita takes its dockers apart
    while timers, the backend's answers and its own signals are still on their way to them.

    Args:
        widget: What the slots show things in; a class of ours, for those are known to be gone before the
            first of their children goes.
        failed: Tells the artist of an exception.
    """

    def __init__(self, widget: QtWidgets.QWidget, failed: Callable[[], None]) -> None:
        self._widget, self._failed = widget, failed

    def __call__(self, act: Slot) -> Slot:
        """`act` as a slot."""

        def slot(*args: Any) -> None:
            if is_gone(self._widget):
                return
            try:
                act(*args)
            except Exception:
                log.exception("in the panel")
                if not is_gone(self._widget):
                    self._failed()

        return slot
