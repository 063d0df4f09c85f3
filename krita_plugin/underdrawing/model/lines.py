# SPDX-License-Identifier: GPL-3.0-or-later
"""Extracted lines on their two layers: laid there, and written over as weight and threshold change.

The ink is kept as it came, so that a slider needs no backend. Layers are written over only while every pixel
of theirs is still what was written last: what the artist has drawn on stays, and new layers are laid above.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

from ..language import tr
from ..wire import errors, geometry
from . import roles
from .canvas import Band, Canvas
from .events import Notice
from .ink_layers import Pen, drawn_bands, inked_bands, layer_format, pen
from .job import AGAIN
from .slices import Later, Slices

INKS = (roles.Role.CONTOUR, roles.Role.DETAIL)
TITLE = "Lines"
"""Of the group that further lines come in."""


@dataclass(frozen=True)
class Extraction:
    """Lines as they came.

    Args:
        bounds: Where they lie on the canvas.
        planes: Ink of contour and detail.
        source: Name of the layer that they were extracted from.
    """

    bounds: geometry.Bounds
    planes: tuple[bytes, bytes]
    source: str


@dataclass(frozen=True)
class Look:
    """How ink becomes opacity; see `ink.alpha_table`."""

    weight: float = 1.0
    threshold: float = 0.0


@dataclass(frozen=True)
class _Laid:
    """An extraction that lies in a document: its layers, and the pens that they were written with."""

    canvas: Canvas
    extraction: Extraction
    layers: tuple[str, ...]
    pens: tuple[Pen, ...]


class Lines:
    """
    Args:
        say: Given the words for the artist where something fails.
        laid: Called when lines lie in a document.
        holder: Names the group that the group of the roles, where it is new, has to hold; "" for none.
    """

    def __init__(
        self,
        later: Later,
        clock: Callable[[], float],
        *,
        say: Callable[[Notice], None],
        laid: Callable[[Canvas], None],
        holder: Callable[[], str] = str,
    ) -> None:
        self._later, self._clock = later, clock
        self._say, self._on_laid = say, laid
        self._holder = holder
        self._laid: _Laid | None = None
        self._look = Look()
        self._work: Slices | None = None
        self._stale = False

    @property
    def is_busy(self) -> bool:
        """Whether layers are being written just now."""
        return self._work is not None and self._work.is_running

    def lay(self, canvas: Canvas, extraction: Extraction, look: Look) -> None:
        """Put lines on two new layers, a slice at a time.

        Raises:
            Refusal: they do not fit into the document.
        """
        if not geometry.Bounds.of(canvas.extent).contains(extraction.bounds):
            raise errors.Refusal(
                tr("These lines do not fit into the document."),
                tr("Open one of at least {0} x {1} pixels.").format(
                    extraction.bounds.right, extraction.bounds.bottom
                ),
            )
        self.stop()
        self._look = look
        self._begin(canvas, self._lay(canvas, extraction))

    def change(self, look: Look) -> None:
        """Show the last lines in another look, if they are still as they were laid."""
        if look == self._look:
            return
        self._look = look
        if self.is_busy:
            self._stale = True
        elif self._laid is not None and self._laid.canvas.is_alive():
            self._begin(self._laid.canvas, self._write_over(self._laid))

    def stop(self) -> None:
        """Write no further."""
        if self._work is not None:
            self._work.stop()
        self._work, self._stale = None, False

    # Inside; all of it in slices

    def _begin(self, canvas: Canvas, steps: Iterator[None]) -> None:
        self._stale = False
        again = AGAIN["extract"]
        self._work = Slices(
            self._then(steps), canvas, self._later, self._clock, again=again, failed=self._say
        )

    def _then(self, steps: Iterator[None]) -> Iterator[None]:
        """The work, and once more as long as the artist wanted another look meanwhile."""
        yield from steps
        while self._stale and self._laid is not None:
            self._stale = False
            yield from self._write_over(self._laid)

    def _pens(self, canvas: Canvas) -> tuple[Pen, ...]:
        format = layer_format(canvas.format)
        look = self._look
        return tuple(
            pen(roles.STYLES[role].brush_colour, look.weight, look.threshold, format) for role in INKS
        )

    def _lay(self, canvas: Canvas, extraction: Extraction) -> Iterator[None]:
        pens = self._pens(canvas)
        names = [
            (f"{roles.STYLES[role].title} – {extraction.source}", roles.STYLES[role].colour_label)
            for role in INKS
        ]
        sheets = canvas.new_sheets(names, pens[0].format)
        try:
            yield
            for index, (plane, used) in enumerate(zip(extraction.planes, pens, strict=True)):
                for band in drawn_bands(plane, extraction.bounds, used):
                    if band is not None:
                        sheets.write(index, band)
                    yield
            layers = sheets.add(roles.GROUP, f"{TITLE} – {extraction.source}", self._holder())
        finally:
            sheets.drop()
        self._laid = _Laid(canvas, extraction, layers, pens)
        yield
        roles.show_lines(canvas, True)
        canvas.refresh(layers)
        self._on_laid(canvas)

    def _write_over(self, laid: _Laid) -> Iterator[None]:
        canvas, extraction = laid.canvas, laid.extraction
        known = {layer.id for layer in canvas.layers()}
        if not known.issuperset(laid.layers):  # undone or deleted: the artist does not want them
            return
        for layer, plane, used in zip(laid.layers, extraction.planes, laid.pens, strict=True):
            untouched = yield from _is_untouched(canvas, layer, plane, extraction.bounds, used)
            if not untouched:
                yield from self._lay(canvas, extraction)
                return
        pens = self._pens(canvas)
        for layer, plane, old, new in zip(laid.layers, extraction.planes, laid.pens, pens, strict=True):
            for place, part in inked_bands(plane, extraction.bounds):
                yield
                if part is None:
                    continue
                if not _is_as_written(canvas, layer, place, part, old):  # the artist drew just now
                    yield from self._lay(canvas, extraction)
                    return
                canvas.write_own(layer, Band(place, new.pixels(part)))
        self._laid = _Laid(canvas, extraction, laid.layers, pens)
        canvas.refresh(laid.layers)


def _is_untouched(
    canvas: Canvas, layer: str, plane: bytes, bounds: geometry.Bounds, used: Pen
) -> Generator[None, None, bool]:
    """Whether every pixel of a layer is still what was written, and none lies outside."""
    drawn = canvas.layer_bounds(layer)
    if not drawn.is_empty and not bounds.contains(drawn):
        return False
    for place, part in inked_bands(plane, bounds):
        yield
        if not _is_as_written(canvas, layer, place, part, used):
            return False
    return True


def _is_as_written(canvas: Canvas, layer: str, place: geometry.Bounds, part: bytes | None, used: Pen) -> bool:
    bands = canvas.read_own(layer, place, used.format)
    found = b"".join([bytes(band.data) for band in bands if band is not None])
    return found.count(0) == len(found) if part is None else found == used.pixels(part)
