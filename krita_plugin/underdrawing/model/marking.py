# SPDX-License-Identifier: GPL-3.0-or-later
"""The selection becomes the mask, or a part of it. It is dropped then, so that the mask can be painted on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..language import tr
from . import roles
from .canvas import Canvas
from .events import Notice
from .ink_layers import layer_format, pen
from .rasters import Raster, drawn
from .slices import Later, Slices
from .tools import Hand

AGAIN = tr("Press To mask again.")


class Marking:
    """
    Args:
        say: Given the words for the artist where it fails.
        marked: Called when the selection lies on the Mask layer.
        holder: Names the group that the group of the roles, where it is new, has to hold; "" for none.
    """

    def __init__(
        self,
        hand: Hand,
        later: Later,
        clock: Callable[[], float],
        *,
        say: Callable[[Notice], None],
        marked: Callable[[Canvas], None],
        holder: Callable[[], str] = str,
    ) -> None:
        self._hand, self._later, self._clock = hand, later, clock
        self._say, self._marked, self._holder = say, marked, holder
        self._work: Slices | None = None

    def mark(self, canvas: Canvas) -> None:
        """Put the selection on the Mask layer: one undo step. The active layer stays active."""
        selected = canvas.selection_bounds()
        if selected is None or selected.is_empty:
            words = tr("Select a region with any selection tool, then press To mask.")
            self._say(Notice(tr("Nothing is selected."), words))
            return
        if self._work is not None and self._work.is_running:
            return
        roles.show_lines(canvas, True)
        mask = roles.find_roles(canvas.layers()).get(roles.Role.MASK)
        if mask is not None:
            style = roles.STYLES[roles.Role.MASK]
            self._hand.fill_selection(canvas, mask.id, style.brush_colour, lambda: self._marked(canvas))
            return
        self._work = Slices(
            self._lay(canvas), canvas, self._later, self._clock, again=AGAIN, failed=self._say
        )

    def _lay(self, canvas: Canvas) -> Iterator[None]:
        """A new Mask layer, a slice at a time."""
        style, format = roles.STYLES[roles.Role.MASK], layer_format(canvas.format)
        selected = canvas.selection_bounds()
        if selected is None:
            return
        rows: list[bytes] = []
        for band in canvas.read_selection(selected):
            if band is not None:
                rows.append(bytes(memoryview(band.data)))
            yield
        raster = Raster(selected, b"".join(rows), format, pen(style.brush_colour, 1.0, 0.0, format))
        sheets = canvas.new_sheets([(style.title, style.colour_label)], format)
        try:
            for band in drawn(raster):
                if band is not None:
                    sheets.write(0, band)
                yield
            layers = sheets.add(roles.GROUP, "", self._holder())
        finally:
            sheets.drop()
        canvas.refresh(layers)
        self._hand.drop_selection(canvas.id)
        self._marked(canvas)
