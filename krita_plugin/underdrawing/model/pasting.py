# SPDX-License-Identifier: GPL-3.0-or-later
"""Smart copy-paste: a region's lines and colours, laid into a document and moved there until it fits.

While it is being placed, every change asks the backend for the copy as it lies now and writes it over what
was laid: one undo step in all. One request is under way at a time; of several changes the newest counts.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..language import tr
from ..wire import errors, light, messages
from . import roles
from .canvas import Canvas
from .clip import Clip, Paste, Placing, fitted, plan_copy, read_clip
from .events import Notice, Pasted
from .flow import Link
from .ink_layers import layer_format, pen
from .rasters import Raster, drawn, is_untouched, write_over
from .slices import Later, Slices

LAYERS = roles.Role.MASK, roles.Role.COLOURS, roles.Role.CONTOUR
"""Of a paste, bottom first."""

TITLE = "Copy"
COPY_AGAIN, PASTE_AGAIN = tr("Press Copy again."), tr("Press Paste again.")


@dataclass(frozen=True)
class _Laid:
    """A copy as it lies in the document: its layers, and what was written onto them."""

    layers: tuple[str, ...]
    rasters: tuple[Raster, ...]


class Pasting:
    """
    Args:
        link: The way to the backend.
        start: Called before something is asked of it.
        tell: Called after every change of what is shown: `clip`, `placing`, `note`.
        say: Given the words for the artist where something fails.
        laid: Called when a copy was laid into a document or moved there.
        holder: Names the group that the group of the roles, where it is new, has to hold; "" for none.
    """

    def __init__(
        self,
        link: Link,
        later: Later,
        clock: Callable[[], float],
        *,
        start: Callable[[], None],
        tell: Callable[[], None],
        say: Callable[[Notice], None],
        laid: Callable[[Canvas], None],
        holder: Callable[[], str] = str,
    ) -> None:
        self.clip: Clip | None = None
        self.placing: Placing | None = None
        self.note = ""
        self._link, self._later, self._clock = link, later, clock
        self._start, self._tell, self._say, self._on_laid = start, tell, say, laid
        self._holder = holder
        self._canvas: Canvas | None = None
        self._laid: _Laid | None = None
        self._work: Slices | None = None
        self._reading: Slices | None = None
        self._job_id, self._stale = "", False

    @property
    def is_busy(self) -> bool:
        """Whether the copy does not yet lie as it should."""
        return bool(self._job_id) or self._is_writing

    @property
    def is_laid(self) -> bool:
        """Whether the copy that is being placed lies in its document."""
        return self._laid is not None

    @property
    def is_copying(self) -> bool:
        """Whether a region is being read just now."""
        return self._reading is not None and self._reading.is_running

    @property
    def canvas(self) -> Canvas | None:
        """The document that is being pasted into."""
        return self._canvas

    def copy(self, canvas: Canvas, source: str) -> bool:
        """Read the selected region of the picture, or of the active layer ("layer").

        Returns:
            False when nothing was begun; the artist was told why.
        """
        try:
            plan, title = plan_copy(canvas, source)
        except errors.Refusal as refusal:
            self._refuse(refusal)
            return False
        if self._reading is not None:
            self._reading.stop()
        steps = read_clip(canvas, plan, title, self.take_clip)
        self._reading = Slices(
            steps, canvas, self._later, self._clock, again=COPY_AGAIN, failed=self._fail_copy
        )
        self._show("Copying")
        return True

    def take_clip(self, clip: Clip) -> None:
        """Keep what was copied."""
        self.clip = clip
        self._show("")

    def paste(self, canvas: Canvas) -> bool:
        """Begin to place the copy: fitted into the selection, else in the middle.

        Returns:
            False when nothing was begun; the artist was told why.
        """
        if self.clip is None:
            words = (
                tr("Wait a moment, and paste again.")
                if self.is_copying
                else tr("Select a thing and press Copy.")
            )
            self._say(Notice(tr("Nothing was copied yet."), words))
            return False
        colours = self.placing.colours if self.placing is not None else True
        self.end()
        self._canvas = canvas
        lightness = light.lightness(canvas.sample(light.SAMPLE_PX))
        self.placing = fitted(self.clip, canvas.extent, canvas.selection_bounds(), lightness, colours=colours)
        self._start()
        self._ask()
        return True

    def place(self, placing: Placing) -> None:
        """Lay the copy otherwise; nothing happens while none is being placed."""
        if self.placing is None or placing == self.placing:
            return
        self.placing = placing
        if self.is_busy:
            self._stale = True
        else:
            self._ask()

    def end(self) -> None:
        """It lies as it should: its layers are like all others now."""
        if self._job_id:
            self._link.cancel(self._job_id)
        work, self._work = self._work, None
        if work is not None:
            work.stop()
        self._job_id, self._stale = "", False
        self._canvas = self._laid = self.placing = None
        self._show("")

    def close(self) -> None:
        """Read and write no further."""
        for work in (self._work, self._reading):
            if work is not None:
                work.stop()

    def take(self, event: messages.JobStatus | messages.Failed | Pasted) -> None:
        """Take in what the link says of the request under way."""
        if not self._job_id or event.job_id != self._job_id:
            return
        if isinstance(event, Pasted):
            self._job_id = ""
            self._write(event)
        elif isinstance(event, messages.Failed):
            self._job_id = ""
            self._say(Notice(event.message, event.remedy, event.code, event.log))
            self._rest()
        elif event.state == "cancelled":
            self._job_id = ""
            self._rest()
        elif event.state in ("running", "loading"):
            self._show(tr("Finding its lines") if self._laid is None else tr("Placing it"))
        elif event.state == "queued" and event.position > 0:
            self._show(tr("Waiting for another job"))

    # Inside

    @property
    def _is_writing(self) -> bool:
        return self._work is not None and self._work.is_running

    def _ask(self) -> None:
        """Ask for the copy as it is to lie now."""
        clip, canvas, placing = self.clip, self._canvas, self.placing
        if clip is None or canvas is None or placing is None:
            return
        self._stale, self._job_id = False, uuid.uuid4().hex
        self._link.begin(self._job_id, clip.plan)
        for source, band in clip.bands:
            self._link.feed(self._job_id, source, band)
        self._link.submit(self._job_id, Paste(canvas.extent, placing))
        self._show(tr("Finding its lines") if self._laid is None else tr("Placing it"))

    def _rest(self) -> None:
        """A request has ended: the next one, or nothing to place where none was ever laid."""
        if self._stale:
            self._ask()
        elif self._laid is None:
            self.end()
        else:
            self._show("")

    def _write(self, pasted: Pasted) -> None:
        canvas, clip = self._canvas, self.clip
        if canvas is None or clip is None:
            return
        rasters = _rasters(canvas, pasted)
        shown = pasted.colours is not None
        steps = self._lay(canvas, clip.title, rasters, shown)
        if self._laid is not None:
            steps = self._move(canvas, self._laid, rasters, shown)
        self._work = Slices(
            self._then_rest(canvas, steps),
            canvas,
            self._later,
            self._clock,
            again=PASTE_AGAIN,
            failed=self._fail,
        )

    def _then_rest(self, canvas: Canvas, steps: Iterator[None]) -> Iterator[None]:
        yield from steps
        if self._laid is not None:
            canvas.refresh(self._laid.layers)
            self._on_laid(canvas)
        self._work = None
        self._rest()

    def _lay(self, canvas: Canvas, title: str, rasters: tuple[Raster, ...], coloured: bool) -> Iterator[None]:
        styles = [roles.STYLES[role] for role in LAYERS]
        names = [(f"{style.title} – {title}", style.colour_label) for style in styles]
        sheets = canvas.new_sheets(names, rasters[0].format)
        try:
            yield
            for index, raster in enumerate(rasters):
                for band in drawn(raster):
                    if band is not None:
                        sheets.write(index, band)
                    yield
            layers = sheets.add(roles.GROUP, f"{TITLE} – {title}", self._holder())
        finally:
            sheets.drop()
        self._laid = _Laid(layers, rasters)
        yield
        roles.show_lines(canvas, True)
        self._show_colours(canvas, layers, coloured)

    def _move(
        self, canvas: Canvas, laid: _Laid, rasters: tuple[Raster, ...], coloured: bool
    ) -> Iterator[None]:
        known = {layer.id for layer in canvas.layers()}
        if not known.issuperset(laid.layers):  # undone or deleted: the artist does not want it
            self._laid, self._stale = None, False
            return
        for layer, old in zip(laid.layers, laid.rasters, strict=True):
            untouched = yield from is_untouched(canvas, layer, old)
            if not untouched:
                raise errors.Refusal(
                    tr("You drew on the copy, so it stays where it is."),
                    tr("Move it with Krita's own transform tool, or undo and paste again."),
                )
        for layer, old, new in zip(laid.layers, laid.rasters, rasters, strict=True):
            yield from write_over(canvas, layer, old, new)
        self._laid = _Laid(laid.layers, rasters)
        self._show_colours(canvas, laid.layers, coloured)

    def _show_colours(self, canvas: Canvas, layers: tuple[str, ...], coloured: bool) -> None:
        """A hidden layer leaves its role to the artist's own colours."""
        canvas.show_layer(layers[LAYERS.index(roles.Role.COLOURS)], coloured)

    def _fail(self, why: Notice) -> None:
        self.end()
        self._say(why)

    def _fail_copy(self, why: Notice) -> None:
        self._show("")
        self._say(why)

    def _refuse(self, refusal: errors.Refusal) -> None:
        self._say(Notice(refusal.message, refusal.remedy, refusal.code))

    def _show(self, note: str) -> None:
        self.note = note
        self._tell()


def _rasters(canvas: Canvas, pasted: Pasted) -> tuple[Raster, ...]:
    """What goes onto each of `LAYERS`."""
    format = layer_format(canvas.format)
    red, black = (
        pen(roles.STYLES[role].brush_colour, 1.0, 0.0, format)
        for role in (roles.Role.MASK, roles.Role.CONTOUR)
    )
    return (
        Raster(pasted.bounds, pasted.mask, format, red),
        Raster(pasted.bounds, pasted.colours or b"", format),
        Raster(pasted.bounds, pasted.contour, format, black),
    )
