# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows the tools in the panel, and tells them what the artist did there."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ..model.canvas import Canvas
from ..model.clip import clip_of_picture
from ..model.events import Notice
from ..model.marking import Marking
from ..model.session import Session
from ..model.tools import Hand, Tools
from ..qt import QtCore, QtWidgets, bytes_of
from ..wire import errors, geometry
from . import tool_texts as texts
from .guard import Guard
from .pen_watch import PenWatch
from .region import RegionDialog, patterns, read_file
from .tools import ToolsRow


class ToolPresenter(QtCore.QObject):
    """
    Args:
        session: What is.
        row: Where it is shown.
        canvas: The active document, or None.
        hand: The artist's brush.
    """

    def __init__(
        self,
        session: Session,
        row: ToolsRow,
        canvas: Callable[[], Canvas | None],
        hand: Hand,
        guarded: Guard,
    ) -> None:
        super().__init__(row)
        self._session, self._row, self._canvas, self._hand = session, row, canvas, hand
        self._guarded = guarded
        self.tools = Tools(hand, tell=self._show_tool, say=session.say)
        self._marking = Marking(
            hand,
            self._later,
            time.perf_counter,
            say=session.say,
            marked=session.on_laid,
            holder=session.live.holder,
        )
        self._watch = PenWatch(guarded(self.tools.dabbed), self)
        self._waits_for_paste = self._lent = False
        self._dialog: RegionDialog | None = None
        self._acts: dict[str, Callable[[Canvas], Any]] = {
            "to_mask": self._to_mask,
            "to_lines": self._to_lines,
            "eraser": self.tools.toggle_eraser,
            "iris": self.tools.toggle_iris,
            "copy": self._copy_picture,
            "paste": self._paste,
        }
        self._connect()
        self._show_tool()

    def act(self, name: str) -> None:
        """Use a tool by its name; nothing happens without a document."""
        canvas = self._canvas()
        if canvas is not None:
            self._acts[name](canvas)
            self._session.look(canvas)
        self._show_tool()

    def has_lent(self) -> bool:
        """Whether a tool has the artist's brush, or had it when this was asked last or since."""
        lent, self._lent = self._lent, bool(self.tools.active)
        return lent or self._lent

    def copy(self, source: str) -> None:
        """Copy what is selected: of the "picture", of the active "layer", or of a "file"."""
        canvas = self._canvas()
        if source == "file":
            self._ask_for_file()
        elif canvas is not None:
            self._session.pasting.copy(canvas, source)

    def copy_file(self, path: Path) -> None:
        """Ask what is to be copied of a picture file."""
        try:
            image = read_file(path)
        except errors.Refusal as refusal:
            self._session.say(Notice(refusal.message, refusal.remedy))
            return
        dialog = RegionDialog(path.stem, image, self._row)
        dialog.accepted.connect(self._guarded(lambda: self._take_region(dialog)))
        dialog.destroyed.connect(self._close_dialog)
        self._dialog = dialog
        dialog.open()

    def follow(self) -> None:
        """The artist may have gone on to another layer or document."""
        self.tools.follow(self._canvas())
        self.show_possible()

    def show_possible(self) -> None:
        """Show what can be done just now."""
        session = self._session
        self._row.show_possible(
            is_open=self._canvas() is not None,
            has_clip=session.pasting.clip is not None,
            is_free=session.job is None,
        )

    def show_pasting(self) -> None:
        """Show the copy that is being placed."""
        pasting, card = self._session.pasting, self._row.placing
        self.show_possible()
        if pasting.placing is None:
            card.hide()
        else:
            card.show_placing(**asdict(pasting.placing))
            card.show_words(pasting.note)
        if self._waits_for_paste and pasting.is_laid and pasting.canvas is not None:
            self._waits_for_paste = False
            self._hand.drop_selection(pasting.canvas.id)  # the mask that came along counts now

    def _later(self, act: Callable[[], None], wait_ms: int) -> None:
        QtCore.QTimer.singleShot(wait_ms, self._guarded(act))

    def _connect(self) -> None:
        row = self._row
        acts: tuple[tuple[Any, Callable[..., None]], ...] = (
            (row.chosen, self.act),
            (row.copied, self.copy),
            (row.iris.colour_chosen, self._choose_colour),
            (row.iris.size_chosen, self._choose_size),
            (row.placing.changed, self._place),
            (row.placing.done_clicked, self._session.pasting.end),
        )
        for signal, act in acts:
            signal.connect(self._guarded(act))

    def _show_tool(self) -> None:
        tools = self.tools
        self._lent = self._lent or bool(tools.active)
        self._row.show_active(tools.active)
        self._row.iris.show_iris(tools.left, tools.colour, tools.size)
        self._watch.watch(tools.active == "iris")

    def _copy_picture(self, canvas: Canvas) -> None:
        self.copy("picture")

    def _to_mask(self, canvas: Canvas) -> None:
        self.tools.end()
        self._marking.mark(canvas)

    def _to_lines(self, canvas: Canvas) -> None:
        self.tools.end()
        self._session.extract(canvas, "marked")

    def _paste(self, canvas: Canvas) -> None:
        self.tools.end()
        self._waits_for_paste = self._session.pasting.paste(canvas)

    def _choose_colour(self, colour: str) -> None:
        self.tools.change_iris(colour=colour)

    def _choose_size(self, size: float) -> None:
        self.tools.change_iris(size=size)

    def _place(self, name: str, value: object) -> None:
        pasting = self._session.pasting
        if pasting.placing is not None:
            pasting.place(replace(pasting.placing, **{name: value}))

    def _ask_for_file(self) -> None:
        kinds = texts.FILE_KINDS.format(patterns=patterns())
        path, _ = QtWidgets.QFileDialog.getOpenFileName(self._row, texts.FILE_CHOOSE, "", kinds)
        if path:
            self.copy_file(Path(path))

    def _take_region(self, dialog: RegionDialog) -> None:
        image = dialog.image
        extent = geometry.Extent(image.width(), image.height())
        try:
            clip = clip_of_picture(dialog.name, extent, bytes_of(image), dialog.region)
        except errors.Refusal as refusal:
            self._session.say(Notice(refusal.message, refusal.remedy, refusal.code))
            return
        self._session.pasting.take_clip(clip)

    def _close_dialog(self) -> None:
        self._dialog = None
