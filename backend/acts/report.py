# SPDX-License-Identifier: GPL-3.0-or-later
"""How an act tells the artist where it stands, and learns that it is to stop."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Protocol, TypeVar

from shared.errors import Cancelled

CHECK_EVERY_S = 0.05

T = TypeVar("T")


class Report(Protocol):
    def progress(self, step: int, steps: int, note: str = "") -> None:
        """`step` of `steps` denoising steps over all tiles are done; `note` says what happens now."""
        ...

    def preview(self, step: int, width: int, height: int, bgra: bytes) -> None:
        """The picture so far: width * height * 4 bytes, at most 256 px on the longer side."""
        ...

    def check(self) -> None:
        """Call between steps.

        Raises:
            shared.errors.Cancelled: the artist pressed Cancel.
        """
        ...


class Quiet:
    """A Report that nobody reads."""

    def progress(self, step: int, steps: int, note: str = "") -> None: ...

    def preview(self, step: int, width: int, height: int, bgra: bytes) -> None: ...

    def check(self) -> None: ...


def apart(work: Callable[[], T], report: Report) -> T:
    """Do on a thread of its own what has no steps, such as loading a model, and check meanwhile.

    Raises:
        Cancelled: the artist pressed Cancel; told once the work is done, for it cannot be stopped.
        Exception: what `work` raises.
    """
    with ThreadPoolExecutor(1, "apart") as thread:
        done: Future[T] = thread.submit(work)
        cancelled: Cancelled | None = None
        while wait((done,), CHECK_EVERY_S).not_done:
            try:
                report.check()
            except Cancelled as stop:
                cancelled = stop
    if cancelled is not None:
        raise cancelled
    return done.result()
