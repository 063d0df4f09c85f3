# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows what is painted of a region, in its switch and on Paint; tells the session what the artist chose."""

from __future__ import annotations

from collections.abc import Callable

from ..model.canvas import Canvas
from ..model.session import Session
from . import region_texts, texts
from .buttons import PaintButton
from .region_switch import RegionSwitch


class RegionPresenter:
    """
    Args:
        canvas: The active document, or None.
        guarded: Makes a slot of Qt.
    """

    def __init__(
        self,
        session: Session,
        switch: RegionSwitch,
        paint: PaintButton,
        canvas: Callable[[], Canvas | None],
        guarded: Callable[[Callable[..., None]], Callable[..., None]],
    ) -> None:
        self._session, self._switch, self._paint, self._canvas = session, switch, paint, canvas
        switch.chosen.connect(guarded(self.choose))

    def choose(self, region: str) -> None:
        """Paint so from now on, in this document; Live answers at once."""
        self._session.change(self._canvas(), region=region)
        self._session.live.touch(("mask",))

    def show(self) -> None:
        """Show what Paint would paint."""
        ahead, chosen = self._session.outlook, self._session.settings
        self._switch.show_region(chosen.region, masked=ahead.marked == "mask")
        if ahead.marked and not ahead.is_drawn and not chosen.prompt.strip():
            self._paint.show_offer(region_texts.FILL, region_texts.FILL_TIPS[ahead.marked])
            return
        whole = ahead.marked == "mask" or (ahead.marked == "selection" and not ahead.is_drawn)
        how_much = "selection" if whole else chosen.region
        self._paint.show_offer(texts.PAINT, region_texts.PAINT_TIPS[ahead.marked, how_much])
