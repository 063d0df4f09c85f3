# SPDX-License-Identifier: GPL-3.0-or-later
"""How an act tells the artist where it stands, and learns that it is to stop."""

from __future__ import annotations

from typing import Protocol


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
