# SPDX-License-Identifier: GPL-3.0-or-later
"""A Canvas in memory: 8-bit RGBA layers that are opaque, clear, or on top."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from krita_plugin.underdrawing.model.canvas import Band, Bands, LayerInfo
from shared.geometry import Bounds, Extent
from shared.messages import PixelFormat
from shared.pixels import BYTES_PER_PIXEL

BAND_ROWS = 7
"""Few, so that every test reads several bands."""


@dataclass
class FakeLayer:
    info: LayerInfo
    pixels: dict[tuple[int, int], bytes] = field(default_factory=dict)


class FakeCanvas:
    def __init__(self, width: int, height: int) -> None:
        self.extent = Extent(width, height)
        self.id = f"fake-{id(self)}"
        self.format: PixelFormat = "bgra_u8"
        self.stack = [FakeLayer(LayerInfo("0", "Background"))]
        self.stack[0].pixels = dict.fromkeys(self._inside(Bounds.of(self.extent)), b"\xff" * 4)
        self.selected: Bounds | None = None
        self.active, self.alive, self.drawing = "0", True, False
        self.notes: dict[str, bytes] = {}
        self.undos: list[list[str]] = []
        self.refreshed = 0
        self._ids = iter(map(str, range(1, 10_000)))

    def sample(self, edge_px: int) -> bytes:
        step = max(1, -(-max(self.extent) // edge_px))
        (whole,) = [b.data for b in self._read(self.stack, Bounds.of(self.extent), self.extent.height)]
        rows = (whole[4 * y * self.extent.width :][: 4 * self.extent.width] for y in self._steps(1, step))
        return b"".join(row[4 * x : 4 * x + 4] for row in rows for x in self._steps(0, step))

    def _steps(self, axis: int, step: int) -> range:
        return range(step // 2, self.extent[axis], step)

    def is_alive(self) -> bool:
        return self.alive

    def is_stroke_in_progress(self) -> bool:
        return self.drawing

    def layers(self) -> tuple[LayerInfo, ...]:
        return tuple(self._walk(""))

    def _walk(self, parent: str) -> Iterator[LayerInfo]:
        for layer in self.stack:
            if layer.info.parent == parent:
                yield layer.info
                yield from self._walk(layer.info.id)

    def find(self, layer: str) -> FakeLayer:
        for candidate in self.stack:
            if candidate.info.id == layer:
                return candidate
        raise KeyError(layer)

    def layer_bounds(self, layer: str) -> Bounds:
        bounds = Bounds(0, 0, 0, 0)
        for x, y in self.find(layer).pixels:
            bounds = bounds.union(Bounds(x, y, 1, 1))
        return bounds

    def read_layer(self, layer: str, bounds: Bounds) -> Bands:
        yield from self._read([self.find(layer)], bounds)

    def read_picture(self, bounds: Bounds, without: Collection[str]) -> Bands:
        hidden = {self.find(layer).info.id for layer in without}
        hidden |= {layer.info.id for layer in self.stack if not layer.info.visible}
        shown = [x for x in self.stack if not self._lineage(x.info.id) & hidden]
        yield None
        yield from self._read(shown, bounds)

    def _lineage(self, layer: str) -> set[str]:
        """A layer and all groups around it."""
        found: set[str] = set()
        while layer:
            found.add(layer)
            layer = self.find(layer).info.parent
        return found

    def selection_bounds(self) -> Bounds | None:
        return None if self.selected is None else self.selected.intersect(Bounds.of(self.extent))

    def read_selection(self, bounds: Bounds) -> Bands:
        if self.selected is not None:
            inside = set(self._inside(self.selected))
            for band in self._bands(bounds):
                yield Band(band, bytes(255 * (place in inside) for place in self._inside(band)))

    def create_layer(self, name: str, *, colour_label: int, group: str, holder: str = "") -> str:
        parent = next((x.info.id for x in self.stack if x.info.name == group), "")
        made: list[str] = []
        if not parent:
            parent = self._add(LayerInfo(next(self._ids), group, "group"))
            made.append(parent)
            if holder:
                made.append(self._add(LayerInfo(next(self._ids), holder, "group", parent)))
        self.active = self._add(LayerInfo(next(self._ids), name, "paint", parent, colour_label))
        self.undos.append([*made, self.active])
        return self.active

    def paste_layer(
        self, name: str, bounds: Bounds, data: bytes, format: PixelFormat, *, below: str = ""
    ) -> str:
        if len(data) != bounds.extent.area * BYTES_PER_PIXEL[format]:
            raise ValueError("wrong size")
        made = self._add(LayerInfo(next(self._ids), name))
        for n, place in enumerate(self._inside(bounds)):
            self.find(made).pixels[place] = data[4 * n : 4 * n + 4]
        place = next((n for n, layer in enumerate(self.stack) if layer.info.id == below), 0)
        if place:
            self.stack.insert(place, self.stack.pop())
        self.undos.append([made])
        return made

    def open_pane(
        self, group: str, holder: str, name: str, format: PixelFormat, active: str = ""
    ) -> FakePane:
        self.active = active or self.active
        parent = next((x.info.id for x in self.stack if x.info.name == group), "")
        if not parent:
            raise KeyError(group)
        place = next((x.info.id for x in self.stack if x.info.name == holder), "")
        if not place:
            place = self._add(LayerInfo(next(self._ids), holder, "group", parent))
            self.stack.insert(0, self.stack.pop())
            self.undos.append([place])
        self.stack = [x for x in self.stack if x.info.parent != place]
        return FakePane(self, LayerInfo(next(self._ids), name, parent=place))

    def new_sheets(self, layers: Sequence[tuple[str, int]], format: PixelFormat) -> FakeSheets:
        return FakeSheets(self, layers, format)

    def read_own(self, layer: str, bounds: Bounds, format: PixelFormat) -> Bands:
        if format != "bgra_u8":
            raise KeyError(layer)
        yield from self._read([self.find(layer)], bounds)

    def write_own(self, layer: str, band: Band) -> None:
        place_pixels(self.find(layer), band, self._inside(band.bounds))

    def refresh(self, layers: Collection[str]) -> None:
        self.refreshed += 1

    def active_layer(self) -> str:
        return self.active

    def activate(self, layer: str) -> None:
        self.active = self.find(layer).info.id

    def show_layer(self, layer: str, visible: bool) -> None:
        self.show(layer, visible)

    def annotation(self, key: str) -> bytes:
        return self.notes.get(key, b"")

    def set_annotation(self, key: str, value: bytes) -> None:
        self.notes[key] = value

    # As the artist

    def ink(self, layer: str, bounds: Bounds, pixel: bytes) -> None:
        places = self._inside(bounds.intersect(Bounds.of(self.extent)))
        self.find(layer).pixels.update(dict.fromkeys(places, pixel))

    def named(self, start: str) -> LayerInfo:
        """The uppermost layer whose name starts so."""
        return next(info for info in reversed(self.layers()) if info.name.startswith(start))

    def painted(self) -> LayerInfo:
        """The uppermost layer that came back from a backend."""
        return next(info for info in reversed(self.layers()) if info.name.startswith("Painted"))

    def show(self, layer: str, visible: bool) -> None:
        found = self.find(layer)
        found.info = replace(found.info, visible=visible)

    def remove(self, layer: str) -> None:
        self.stack.remove(self.find(layer))

    def undo(self) -> None:
        for layer in self.undos.pop():
            self.remove(layer)

    # Inside

    def _add(self, info: LayerInfo) -> str:
        self.stack.append(FakeLayer(info))
        return info.id

    def _read(self, layers: list[FakeLayer], bounds: Bounds, rows: int = BAND_ROWS) -> Iterator[Band]:
        for band in self._bands(bounds, rows):
            data: list[bytes] = []
            for place in self._inside(band):
                drawn = [x.pixels[place] for x in layers if x.pixels.get(place, bytes(4)) != bytes(4)]
                data.append(drawn[-1] if drawn else bytes(4))
            yield Band(band, b"".join(data))

    @staticmethod
    def _bands(bounds: Bounds, rows: int = BAND_ROWS) -> Iterator[Bounds]:
        for y in range(bounds.y, bounds.bottom, rows):
            yield Bounds(bounds.x, y, bounds.width, min(rows, bounds.bottom - y))

    @staticmethod
    def _inside(bounds: Bounds) -> list[tuple[int, int]]:
        return [(x, y) for y in range(bounds.y, bounds.bottom) for x in range(bounds.x, bounds.right)]


class FakePane:
    def __init__(self, canvas: FakeCanvas, info: LayerInfo) -> None:
        self._canvas, self.layer, self.shows = canvas, FakeLayer(info), 0
        self.writes: list[Bounds] = []
        at = next(n for n, x in enumerate(canvas.stack) if x.info.id == info.parent)
        canvas.stack.insert(at + 1, self.layer)

    def is_there(self) -> bool:
        names = {x.info.id for x in self._canvas.stack}
        return self._canvas.alive and self.layer.info.id in names and self.layer.info.parent in names

    def write(self, band: Band) -> None:
        self.writes.append(band.bounds)
        place_pixels(self.layer, band, self._canvas._inside(band.bounds))

    def show(self) -> None:
        self.shows += 1

    def drop(self) -> None:
        if self.layer in self._canvas.stack:
            self._canvas.stack.remove(self.layer)


class FakeSheets:
    def __init__(self, canvas: FakeCanvas, layers: Sequence[tuple[str, int]], format: PixelFormat) -> None:
        assert format == "bgra_u8"
        self._canvas = canvas
        self._layers = [FakeLayer(LayerInfo("", name, colour_label=label)) for name, label in layers]
        self.dropped = 0

    def write(self, index: int, band: Band) -> None:
        place_pixels(self._layers[index], band, self._canvas._inside(band.bounds))

    def add(self, group: str, title: str, holder: str = "") -> tuple[str, ...]:
        canvas, ids = self._canvas, iter(self._canvas._ids)
        before = next((x.info.id for x in canvas.stack if x.info.name == group), "")
        if before and not title:
            for layer in self._layers:
                layer.info = replace(layer.info, id=next(ids), parent=before)
                canvas.undos.append([layer.info.id])
            canvas.stack += self._layers
            return tuple(layer.info.id for layer in self._layers)
        made = canvas._add(LayerInfo(next(ids), group if not before else title, "group", before))
        held = [canvas._add(LayerInfo(next(ids), holder, "group", made))] if holder and not before else []
        for layer in self._layers:
            layer.info = replace(layer.info, id=next(ids), parent=made)
        canvas.stack += self._layers
        names = tuple(layer.info.id for layer in self._layers)
        canvas.undos.append([*names, *held, made])
        return names

    def drop(self) -> None:
        self.dropped += 1


def place_pixels(layer: FakeLayer, band: Band, places: list[tuple[int, int]]) -> None:
    data = bytes(band.data)
    for n, place in enumerate(places):
        layer.pixels[place] = data[4 * n : 4 * n + 4]
        if not any(layer.pixels[place]):
            del layer.pixels[place]


class FakeStudio:
    """The artist's hands for the contract checks."""

    def new(self, width: int, height: int) -> FakeCanvas:
        return FakeCanvas(width, height)

    def bounds(self, x: int, y: int, width: int, height: int) -> Bounds:
        return Bounds(x, y, width, height)

    def ink(self, canvas: FakeCanvas, layer: str, bounds: Bounds, pixel: bytes) -> None:
        canvas.ink(layer, bounds, pixel)

    def select(self, canvas: FakeCanvas, bounds: Bounds) -> None:
        canvas.selected = bounds

    def show(self, canvas: FakeCanvas, layer: str, visible: bool) -> None:
        canvas.show(layer, visible)

    def undo(self, canvas: FakeCanvas) -> None:
        canvas.undo()
