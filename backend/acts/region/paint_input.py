# SPDX-License-Identifier: GPL-3.0-or-later
"""What the paint act is given, what it gives back, and what it refuses before it starts."""

from __future__ import annotations

from dataclasses import dataclass

from backend.acts.work import Answer, Work
from backend.imaging.masks import bounds_of
from backend.imaging.pixels import Picture, Pixels, to_bytes
from backend.imaging.scene import Layers, Scene
from models.networks.sketch_fusion import INK_THRESHOLD, Strokes
from shared.acts import Painting, PaintRequest
from shared.errors import BadRequest
from shared.geometry import Bounds, Extent
from shared.surfaces import PixelFormat, Surface


@dataclass(frozen=True)
class PaintInput:
    """A request and its surfaces, (height, width, channel) in each surface's own depth and channel order."""

    request: PaintRequest
    image: Pixels | None
    mask: Pixels
    contour: Pixels | None
    detail: Pixels | None
    colours: Pixels | None


@dataclass(frozen=True)
class Painted:
    """The painted layer.

    Attributes:
        bounds: Where it lies on the canvas.
        pixels: (height, width, channel) as `format` says; alpha is exactly 0 outside the grown mask.
        format: The image's own layout, in its own depth.
        seed: The seed that was used.
        note: What the artist should know about it, in words; empty when all is as asked.
    """

    bounds: Bounds
    pixels: Pixels
    format: PixelFormat
    seed: int
    note: str = ""


def input_of(work: Work, request: PaintRequest) -> PaintInput:
    """The request with its pixels as arrays; none is copied."""
    layers = {name: held.array for name, held in work.pixels.items()}
    return PaintInput(
        request=request,
        image=layers.get("image"),
        mask=layers["mask"],
        contour=layers.get("contour"),
        detail=layers.get("detail"),
        colours=layers.get("colours"),
    )


def named(work: Work, painted: Painted) -> Answer:
    """The layer, its tiles named and on their way."""
    layer = work.surface(to_bytes(painted.pixels), painted.bounds.extent, painted.format)
    return Answer(painted.bounds, Painting(layer, painted.seed, painted.note))


def layers_on_canvas(input: PaintInput) -> tuple[Layers, Bounds]:
    """The surfaces, cut to the canvas, and where they lie on it.

    Raises:
        BadRequest: surfaces of different sizes, an empty selection, or one that lies outside the canvas.
    """
    request = input.request
    visible = request.area.intersect(Bounds.of(request.canvas))
    if visible.is_empty:
        raise BadRequest("The selection lies outside the canvas.", "Select a part of the picture.")
    inside = visible.shifted(-request.area.x, -request.area.y)

    def layer(name: str, surface: Surface | None, pixels: Pixels | None) -> Picture | None:
        if surface is None or pixels is None:
            return None
        extent = Extent(pixels.shape[1], pixels.shape[0])
        if extent != request.area.extent:
            raise BadRequest(
                f"The {name} layer is {extent.width}x{extent.height} pixels and the area to paint "
                f"{request.area.width}x{request.area.height}.",
                "This is a fault of the program that sent it; please report it.",
            )
        return Picture(pixels[inside.y : inside.bottom, inside.x : inside.right], surface.format)

    mask = layer("mask", request.mask, input.mask)
    if mask is None or mask.format != "grey_u8":
        raise BadRequest("The selection is not a grey picture.", "Please report this fault.")
    if bounds_of(mask.array[..., 0]).is_empty:
        raise BadRequest("The selection is empty.", "Select the region to paint and press Paint again.")
    layers = Layers(
        mask.array[..., 0],
        layer("image", request.image, input.image),
        layer("contour", request.contour, input.contour),
        layer("detail", request.detail, input.detail),
        layer("colour", request.colours, input.colours),
    )
    return layers, visible


def result_format(layers: Layers) -> PixelFormat:
    """The picture's own layout; without a picture, that of a stroke layer. It always has an alpha."""
    for layer in (layers.image, layers.colours, layers.contour, layers.detail):
        if layer is not None:
            return "graya_u8" if layer.format == "grey_u8" else layer.format
    return "bgra_u8"


def require_something_to_go_by(scene: Scene, request: PaintRequest) -> None:
    """Refuse when neither strokes under the selection, nor words, nor a known surrounding say what to paint.

    Raises:
        BadRequest: there is nothing to go by.
    """
    if request.prompt.strip() or bool((scene.mask < 0.5).any()):
        return
    if is_drawn(scene.strokes()):
        return
    raise BadRequest(
        "There is nothing to go by: no strokes in the selection, no words and no picture around it.",
        "Draw lines or colour strokes inside the selection, or describe what you want in words.",
    )


def is_drawn(strokes: Strokes) -> bool:
    """Whether anything is drawn where it is to be painted."""
    inside = strokes.confined()
    rasters = (inside.contour, inside.detail, inside.colour[:, 3])
    return any(bool((raster > INK_THRESHOLD).any()) for raster in rasters)
