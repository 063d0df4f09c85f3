# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows how Live goes in its row, and tells it what the artist does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..model import live_acts
from ..model.canvas import Canvas
from ..model.session import Session
from .cards import image_of
from .guard import Guard
from .live_row import LiveRow

SHOWN_IN_PANEL = "bgra_u8"
"""Pictures of other formats are shown on the canvas only."""


class LivePresenter:
    """
    Args:
        canvas: The active document, or None.
        save: Takes over what the artist typed since the last time.
        guarded: Makes a slot of Qt.
    """

    def __init__(
        self,
        session: Session,
        row: LiveRow,
        canvas: Callable[[], Canvas | None],
        save: Callable[[], None],
        guarded: Guard,
    ) -> None:
        self._session, self._row, self._canvas, self._save = session, row, canvas, save
        acts: tuple[tuple[Any, Callable[..., None]], ...] = (
            (row.toggled, self.toggle),
            (row.refine_clicked, self.refine),
            (row.keep_clicked, self.keep),
            (row.changed, self._choose),
        )
        for signal, act in acts:
            signal.connect(guarded(act))
        self.on_toggled: Callable[[bool], None] = lambda on: None
        self._was_on = False

    def toggle(self) -> None:
        """Switch Live on in the active document, or off."""
        canvas, live = self._canvas(), self._session.live
        if live.is_on or canvas is None:
            live.turn_off()
        else:
            self._save()
            live.turn_on(canvas)
        self.show()

    def refine(self) -> None:
        """Paint what Live shows for good."""
        canvas = self._canvas()
        if canvas is not None and self._session.job is None:
            self._save()
            live_acts.refine(self._session, canvas)

    def keep(self) -> None:
        """Make what Live shows a layer."""
        canvas = self._canvas()
        if canvas is not None:
            live_acts.keep(self._session, canvas)

    def show(self) -> None:
        """Show how Live goes."""
        live, row = self._session.live, self._row
        row.show_on(live.is_on, can_keep=live.picture is not None)
        row.show_standing(live.standing.mood, live.standing.words, live.standing.tip)
        self._show_picture()
        if live.is_on != self._was_on:
            self._was_on = live.is_on
            self.on_toggled(live.is_on)

    def show_settings(self) -> None:
        """Show what is chosen."""
        chosen = self._session.settings
        self._row.show_choices(chosen.live_engine, chosen.live_place)

    def show_possible(self) -> None:
        """Offer what can be done now."""
        has_canvas = self._canvas() is not None
        self._row.switch.setEnabled(has_canvas or self._session.live.is_on)
        self._row.refine.setEnabled(has_canvas and self._session.job is None)

    def _choose(self, name: str, value: object) -> None:
        self._session.change(self._canvas(), **{name: value})
        self.show_settings()
        canvas = self._canvas()
        if self._session.live.is_on and canvas is not None:
            self._session.live.turn_on(canvas)

    def _show_picture(self) -> None:
        """In the panel, where it was chosen so or the canvas' preview is hidden with the strokes."""
        painted, session = self._session.live.picture, self._session
        here = session.settings.live_place == "panel" or session.lines_shown is False
        if painted is None or not here or painted.format != SHOWN_IN_PANEL:
            self._row.show_image(None)
            return
        self._row.show_image(image_of(painted.bounds.width, painted.bounds.height, painted.data))
