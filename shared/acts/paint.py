# SPDX-License-Identifier: GPL-3.0-or-later
"""Paint a region of a picture, by a diffusion family or by the instant engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from ..fields import Range, Seed, Share
from ..geometry import Bounds, Extent
from ..surfaces import Surface, misfits, not_grey

Region = Literal["selection", "lines", "strokes"]
"""selection: all of the mask; lines: of it, only what lines enclose, and strokes that stand alone, but all of
it where nothing is enclosed; strokes: as lines, and where nothing is enclosed what is drawn, alone."""


@dataclass(frozen=True)
class Strengths:
    """How strongly each kind of stroke guides, 0 (ignored) to 2; 1 is as trained."""

    contour: Share = 1.0
    detail: Share = 1.0
    colour: Share = 1.0


@dataclass(frozen=True)
class PaintRequest:
    """Paint the masked region of a picture under its strokes.

    All surfaces have the extent of `area`. Only `mask` and one of the others are needed.

    Args:
        canvas: Extent of the whole document.
        area: Part of the canvas that the surfaces show: the mask with its context.
        image: The picture without the stroke layers.
        mask: grey_u8; 255 is to be painted, 0 stays as it is.
        contour, detail: Line layers; ink is what is dark and opaque.
        colours: Colour strokes on transparency.
        prompt, negative_prompt: Words, or empty.
        strengths: Weight of each kind of stroke.
        steps: Denoising steps, 0 for the family's own default.
        guidance: Classifier-free guidance, 0 for the family's own default.
        seed: Which of many possible pictures.
        family: Id of a base model from Welcome.families.
        quick: Paint in a few steps, where the family can, or instantly without detail: sooner, and a little
            rougher.
        grow_px, feather_px: The mask's border is moved out and softened by this much, in canvas pixels.
        engine: full is the diffusion family; instant the completion network, which heeds no words, steps,
            guidance or family.
        live: A preview that is soon outdated: it goes before all other work, is never kept on disk nor told
            again after a reconnect, and a newer one of the same client replaces it while it waits
            ("cancelled"). With engine "full" it is painted quick.
        region: How much of the mask is painted; what is painted inside lines ends at them, neither grown nor
            feathered.
        match_grain: Give what is painted the grain and sharpness of the picture around it.
        shadow: Lay a soft contact shadow under what is painted inside lines.
    """

    canvas: Extent
    area: Bounds
    mask: Surface
    image: Surface | None = None
    contour: Surface | None = None
    detail: Surface | None = None
    colours: Surface | None = None
    prompt: str = ""
    negative_prompt: str = ""
    strengths: Strengths = field(default_factory=Strengths)
    steps: Annotated[int, Range(0, 150)] = 0
    guidance: Annotated[float, Range(0, 30)] = 0.0
    seed: Seed = 0
    family: str = "embedded"
    grow_px: Annotated[int, Range(0, 1024)] = 0
    feather_px: Annotated[int, Range(0, 1024)] = 0
    quick: bool = False
    engine: Literal["full", "instant"] = "full"
    live: bool = False
    region: Region = "selection"
    match_grain: bool = True
    shadow: bool = False

    kind: ClassVar[str] = "paint"

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from misfits(self, self.area.extent, "area")
        yield from not_grey("mask", self.mask)


@dataclass(frozen=True)
class Painting:
    """A painted layer.

    Args:
        layer: Its pixels with alpha, which is exactly 0 outside the grown, feathered mask.
        seed: The seed that was used.
        note: What the artist should know about it, in words; empty when all is as asked.
    """

    layer: Surface
    seed: Seed
    note: str = ""

    kind: ClassVar[str] = "painting"
