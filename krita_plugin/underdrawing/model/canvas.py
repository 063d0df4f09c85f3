# SPDX-License-Identifier: GPL-3.0-or-later
"""All that the plugin needs of a painting program.

Reads come as iterators of bands: a few rows at a time, so that the caller can spread a capture over several
turns of the event loop. Everything here is called on the main thread; only a band's bytes may be used on
another one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from ..wire import geometry, messages

LayerKind = Literal["paint", "group", "other"]


@dataclass(frozen=True)
class LayerInfo:
    """A layer as the artist sees it.

    Args:
        id: Stays the same while the document lives.
        parent: Id of the group it lies in; "" at the top.
        colour_label: Krita's numbers: 0 none, 1 blue, 2 green, 3 yellow, 4 orange, 5 brown, 6 red, 7 purple,
            8 grey.
    """

    id: str
    name: str
    kind: LayerKind = "paint"
    parent: str = ""
    colour_label: int = 0
    visible: bool = True


@dataclass(frozen=True)
class Band:
    """Whole rows of an area that is being read.

    Args:
        bounds: Where the rows lie on the canvas.
        data: Row-major bytes without padding; anything that `memoryview` takes.
    """

    bounds: geometry.Bounds
    data: Any


Bands = Iterator["Band | None"]
"""Bands from top to bottom. None marks a step that took time and gave no rows: let the event loop turn."""


class Sheets(Protocol):
    """New layers of our own, filled band by band before they are part of the document."""

    def write(self, index: int, band: Band) -> None:
        """Put rows onto the layer with this index; rows that are never written stay clear."""
        ...

    def add(self, group: str, title: str, holder: str = "") -> tuple[str, ...]:
        """Make the layers part of the document, as one undo step; they are the topmost of the group.

        They come into the top-level group named `group`, made where it is missing; else, so that it is one
        step, into a new group `title` on top of what lies in it; without a title straight on top, each a step
        of its own. The artist's active layer stays active.
        The picture shows them after `Canvas.refresh`: a group that comes with its layers is not composed by
        itself.

        Args:
            holder: See `Canvas.create_layer`.

        Returns:
            The layers' ids.
        """
        ...

    def drop(self) -> None:
        """They are not wanted any more; nothing happens after `add`."""
        ...


class Pane(Protocol):
    """A locked layer of ours below the strokes, for what is only shown. Nothing here is an undo step."""

    def is_there(self) -> bool:
        """False once the layer is gone from its place: undone, deleted, or its document was closed."""
        ...

    def write(self, band: Band) -> None:
        """Put rows onto the layer; the picture shows them after `show`."""
        ...

    def show(self) -> None:
        """Compose the picture anew where the layer lies; hardly waits."""
        ...

    def drop(self) -> None:
        """Take the layer away. A layer that is gone already stays so."""
        ...


class Canvas(Protocol):
    """An open document. Ids that are unknown or whose layer is gone raise KeyError; see `layers`."""

    @property
    def id(self) -> str:
        """The same for every Canvas of this document while it is open."""
        ...

    @property
    def extent(self) -> geometry.Extent: ...

    @property
    def format(self) -> messages.PixelFormat:
        """Layout of the bytes that `read_picture` and `read_layer` give; always in the sRGB space."""
        ...

    def sample(self, edge_px: int) -> bytes:
        """The picture as it is seen, small: opaque BGRA, its longer side so many pixels at most."""
        ...

    def is_alive(self) -> bool:
        """False once the artist has closed the document. No other method may be called then."""
        ...

    def is_stroke_in_progress(self) -> bool:
        """Whether a pen or mouse button is down; nothing is read meanwhile."""
        ...

    def layers(self) -> tuple[LayerInfo, ...]:
        """All layers, bottom first, a group before what lies in it."""
        ...

    def layer_bounds(self, layer: str) -> geometry.Bounds:
        """The part of the canvas where the layer has pixels; empty (0 wide) for a blank layer."""
        ...

    def read_layer(self, layer: str, bounds: geometry.Bounds) -> Bands:
        """The layer alone, with its own masks and effects, as if it were visible."""
        ...

    def read_picture(self, bounds: geometry.Bounds, without: Collection[str]) -> Bands:
        """What the artist sees, less the layers `without` (a group stands for all that lies in it)."""
        ...

    def selection_bounds(self) -> geometry.Bounds | None:
        """The selection's rectangle within the canvas; None when nothing is selected."""
        ...

    def read_selection(self, bounds: geometry.Bounds) -> Bands:
        """The selection as grey_u8; nothing is yielded when there is none."""
        ...

    def create_layer(self, name: str, *, colour_label: int, group: str, holder: str = "") -> str:
        """Add an empty paint layer on top of those in the top-level group named `group`, as one undo step.

        The group is made on top of the others where it is missing, with an empty group `holder`, if that is
        named, at its bottom: see `open_pane`.

        Returns:
            The new layer's id; the layer becomes active.
        """
        ...

    def paste_layer(
        self,
        name: str,
        bounds: geometry.Bounds,
        data: bytes,
        format: messages.PixelFormat,
        *,
        below: str = "",
    ) -> str:
        """Add a layer with these sRGB pixels, as one undo step.

        The artist's active layer stays active.

        Args:
            bounds: Where the pixels go, within the canvas.
            below: Id of the top-level layer that comes to lie directly above; "", or one that is gone or lies
                at the very bottom, for a place on top of all.

        Returns:
            The new layer's id.

        Raises:
            ValueError: the data have another size.
            Refusal: the program did not take the pixels.
        """
        ...

    def open_pane(
        self, group: str, holder: str, name: str, format: messages.PixelFormat, active: str = ""
    ) -> Pane:
        """Lay a blank pane for sRGB pixels into the group `holder` at the bottom of the top-level `group`.

        A holder that is missing is made, which is an undo step; else there is none. A pane that an earlier
        run left behind is taken away.

        Args:
            active: The layer that is to be active afterwards; "" for the one that is.

        Raises:
            KeyError: there is no such group.
        """
        ...

    def new_sheets(self, layers: Sequence[tuple[str, int]], format: messages.PixelFormat) -> Sheets:
        """Blank layers, by name and colour label, for sRGB pixels; end with their `add` or `drop`."""
        ...

    def read_own(self, layer: str, bounds: geometry.Bounds, format: messages.PixelFormat) -> Bands:
        """The bytes of a layer of ours as they are, without masks and effects.

        Raises:
            KeyError: it is gone, or was converted to another format.
        """
        ...

    def write_own(self, layer: str, band: Band) -> None:
        """Write over rows of a layer of ours, in its own format. No step in the undo history.

        The picture shows it after `refresh`.
        """
        ...

    def refresh(self, layers: Collection[str]) -> None:
        """Show layers of ours that were added or written over. Waits until the picture is composed."""
        ...

    def active_layer(self) -> str:
        """Id of the active layer, or ""."""
        ...

    def activate(self, layer: str) -> None: ...

    def show_layer(self, layer: str, visible: bool) -> None:
        """Open or close a layer's eye; no step in the undo history."""
        ...

    def annotation(self, key: str) -> bytes:
        """State that is kept inside the saved document; b"" when there is none."""
        ...

    def set_annotation(self, key: str, value: bytes) -> None: ...
