# SPDX-License-Identifier: GPL-3.0-or-later
"""`underdrawing complete` and `underdrawing copy-sketch`: the instant engine on picture files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from backend.cli.paint import (
    LAYERS,
    Alone,
    Example,
    Feather,
    Grow,
    Layer,
    MatchGrain,
    Out,
    RegionName,
    Shadow,
    Share,
    input_of,
    on_canvas,
    read_example,
    read_over_white,
    read_picture,
    write_picture,
)
from shared.acts import Strengths
from shared.errors import BadRequest
from shared.geometry import Bounds, Extent


def complete_command(
    image: Layer = None,
    mask: Layer = None,
    contour: Layer = None,
    detail: Layer = None,
    colours: Layer = None,
    example: Example = None,
    out: Out = None,
    layer: Alone = None,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Which of several answers.")] = 0,
    strength_contour: Share = 1.0,
    strength_detail: Share = 1.0,
    strength_colour: Share = 1.0,
    grow: Grow = 0,
    feather: Feather = 0,
    region: RegionName = None,
    match_grain: MatchGrain = True,
    shadow: Shadow = False,
) -> None:
    """Complete a masked region of a picture at once, by its strokes and surroundings.

    All pictures have one size. The mask is white where to complete; without one, what the lines enclose is.
    Strokes are drawn on transparency.
    """
    given = {"image": image, "mask": mask, "contour": contour, "detail": detail, "colours": colours}
    if example is not None:
        ready, _ = read_example(example)
        given = {name: given[name] or ready.get(name) for name in LAYERS}
    if out is None and layer is None:
        raise BadRequest("No output file given.", "Say --out result.png or --layer layer.png, or both.")
    settings: dict[str, Any] = {
        "strengths": Strengths(strength_contour, strength_detail, strength_colour),
        "seed": seed,
        "grow_px": grow,
        "feather_px": feather,
        "region": region or ("selection" if given["mask"] else "lines"),
        "match_grain": match_grain,
        "shadow": shadow,
    }
    input = input_of({name: path for name, path in given.items() if path}, settings)
    from backend.acts.complete.complete import complete
    from backend.acts.report import Quiet
    from backend.weights.runtime.completion import load_completion

    painted = complete(load_completion(), input, Quiet())
    if painted.note:
        typer.echo(painted.note, err=True)
    if layer:
        write_picture(layer, on_canvas(painted, None, input.request.canvas))
    if out:
        write_picture(out, on_canvas(painted, input.image, input.request.canvas))


def copy_sketch_command(
    source: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Picture to copy from.")],
    region: Annotated[str, typer.Option(help="What to copy: x,y,width,height in pixels.")],
    into: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="Picture to paste into.")],
    at: Annotated[str, typer.Option(help="Where its middle goes: x,y in pixels.")],
    out: Out = None,
    lines: Annotated[Path | None, typer.Option(help="Where the pasted lines go, to be drawn on.")] = None,
    scale: Annotated[float, typer.Option(min=0.01, max=100)] = 1.0,
    rotate: Annotated[float, typer.Option(help="Degrees, clockwise.")] = 0.0,
    flip: Annotated[bool, typer.Option("--flip", help="Flip horizontally.")] = False,
    colours: Annotated[bool, typer.Option("--colours", help="Copy the colours, too.")] = False,
    light: Annotated[
        float | None, typer.Option(min=0.01, max=100, help="Of its colours; else what suits the picture.")
    ] = None,
    edges: Annotated[bool, typer.Option("--edges", help="Take plain edges for lines.")] = False,
    feather: Feather = 4,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Which of several answers.")] = 0,
) -> None:
    """Copy what a region shows, as lines and colours, and paint it into another picture in its own light."""
    place, middle = numbers(region, 4, "--region x,y,width,height"), numbers(at, 2, "--at x,y")
    if out is None and lines is None:
        raise BadRequest("No output file given.", "Say --out result.png or --lines lines.png, or both.")
    from backend.acts.complete.complete import complete
    from backend.acts.paste.copy_sketch import Placing, copied, input_of, lightness_of, lit, placed
    from backend.acts.report import Quiet
    from backend.imaging.pixels import over_white
    from backend.weights.runtime.completion import load_completion
    from backend.weights.runtime.line_extractor import load_extractor

    rgb = read_over_white(source)
    bounds = Bounds(*(round(value) for value in place))
    copy = copied(rgb, bounds, Quiet(), None if edges else load_extractor())
    target = read_picture(into, grey=False)
    canvas = Extent(target.shape[1], target.shape[0])
    copy = placed(copy, Placing(middle[0], middle[1], scale, rotate, flip), canvas)
    if light is None:
        light = lightness_of(over_white(target, "bgra_u8")) / lightness_of(rgb)
    copy = lit(copy, light)
    if lines:
        drawing = input_of(copy, target, colours=colours).contour
        assert drawing is not None
        write_picture(lines, drawing)
    if out:
        given = input_of(copy, target, colours=colours, seed=seed, feather_px=feather)
        painted = complete(load_completion(), given, Quiet())
        write_picture(out, on_canvas(painted, target, canvas))


def numbers(text: str, count: int, form: str) -> list[float]:
    """Read "1,2,3".

    Raises:
        BadRequest: not so many finite numbers.
    """
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if len(values) != count or not all(abs(value) < 1e6 for value in values):
        raise BadRequest(f"{text!r} cannot be read.", f"Say {form}, in pixels.")
    return values
