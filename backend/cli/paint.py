# SPDX-License-Identifier: GPL-3.0-or-later
"""`underdrawing paint`: the paint act on picture files."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from backend.acts.report import Quiet
from shared.acts import PaintRequest, Strengths
from shared.errors import BadRequest, Refusal
from shared.geometry import Bounds, Extent
from shared.messages import Surface

if TYPE_CHECKING:
    from backend.acts.region.paint_input import Painted, PaintInput
    from backend.imaging.pixels import Floats, Pixels

EXAMPLES = Path(__file__).parents[2] / "models" / "examples"
LAYERS = ("image", "mask", "contour", "detail", "colours")
Layer = Annotated[Path | None, typer.Option(exists=True, dir_okay=False)]
Example = Annotated[str | None, typer.Option(help="A ready drawing: cat, cup, house, portrait or a folder.")]
Out = Annotated[Path | None, typer.Option(help="Where the finished picture goes.")]
Alone = Annotated[Path | None, typer.Option(help="Where the painted layer alone goes.")]
Share = Annotated[float, typer.Option(min=0, max=2, help="How closely to follow it; 0: not at all.")]
Grow = Annotated[int, typer.Option(min=0, help="Move the selection's border out, in pixels.")]
RegionName = Annotated[
    Literal["selection", "lines", "strokes"] | None,
    typer.Option(
        help="Paint all of the mask, what lines enclose, or what is drawn alone. "
        "Without it: the mask if there is one, else inside the lines."
    ),
]
MatchGrain = Annotated[bool, typer.Option(help="Give it the grain and sharpness of the picture around it.")]
Shadow = Annotated[bool, typer.Option("--shadow", help="Lay a soft contact shadow under it.")]
Feather = Annotated[int, typer.Option(min=0, help="Soften the border inwards, in pixels.")]


def paint_command(
    image: Layer = None,
    mask: Layer = None,
    contour: Layer = None,
    detail: Layer = None,
    colours: Layer = None,
    example: Example = None,
    prompt: Annotated[str, typer.Option(help="What it is to be, in words.")] = "",
    negative_prompt: Annotated[str, typer.Option(help="What it is not to be.")] = "",
    out: Out = None,
    layer: Alone = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**32 - 1, help="Any, if not given.")] = None,
    steps: Annotated[int, typer.Option(min=0, max=150, help="0: the family's own.")] = 0,
    guidance: Annotated[float, typer.Option(min=0, max=30, help="0: the family's own.")] = 0.0,
    strength_contour: Share = 1.0,
    strength_detail: Share = 1.0,
    strength_colour: Share = 1.0,
    grow: Grow = 0,
    feather: Feather = 0,
    family: Annotated[
        str, typer.Option(help="Which base model paints: an id, or a checkpoint's file or folder.")
    ] = "embedded",
    quick: Annotated[bool, typer.Option("--quick", help="In a few steps, where the model can.")] = False,
    region: RegionName = None,
    match_grain: MatchGrain = True,
    shadow: Shadow = False,
) -> None:
    """Paint a masked region of a picture under its strokes.

    All pictures have one size. The mask is white where to paint; without one, what the lines enclose is
    painted. Strokes are drawn on transparency.
    """
    given = {"image": image, "mask": mask, "contour": contour, "detail": detail, "colours": colours}
    if example is not None:
        ready, words = read_example(example)
        given = {name: given[name] or ready.get(name) for name in LAYERS}
        prompt = prompt or words
    if out is None and layer is None:
        raise BadRequest("No output file given.", "Say --out result.png or --layer layer.png, or both.")
    settings: dict[str, Any] = {
        "prompt": prompt,
        "negative_prompt": negative_prompt,
        "strengths": Strengths(strength_contour, strength_detail, strength_colour),
        "steps": steps,
        "guidance": guidance,
        "seed": secrets.randbits(32) if seed is None else seed,
        "family": family_id(family),
        "grow_px": grow,
        "feather_px": feather,
        "quick": quick,
        "region": region or ("selection" if given["mask"] else "lines"),
        "match_grain": match_grain,
        "shadow": shadow,
    }
    input = input_of({name: path for name, path in given.items() if path}, settings)
    painted = perform(input)
    if painted.note:
        typer.echo(painted.note, err=True)
    if layer:
        write_picture(layer, on_canvas(painted, None, input.request.canvas))
    if out:
        write_picture(out, on_canvas(painted, input.image, input.request.canvas))


def family_id(given: str) -> str:
    """The id of a base model; a checkpoint may be given by its place."""
    from backend.weights.files.catalogue import read_catalogue
    from backend.weights.runtime.families import FILE as OWN

    is_place = given not in read_catalogue() and Path(given).exists()
    return f"{OWN}{Path(given).absolute()}" if is_place else given


def read_example(name: str) -> tuple[dict[str, Path], str]:
    """Files and words of a ready drawing.

    Raises:
        BadRequest: there is none of that name.
    """
    folder = EXAMPLES / name if (EXAMPLES / name).is_dir() else Path(name)
    if not (folder / "mask.png").is_file():
        names = ", ".join(sorted(path.name for path in EXAMPLES.glob("*") if path.is_dir()))
        raise BadRequest(f"There is no example {name!r}.", f"Choose one of: {names}.")
    files = {layer: folder / f"{layer}.png" for layer in LAYERS}
    words = folder / "prompt.txt"
    return (
        {layer: file for layer, file in files.items() if file.is_file()},
        words.read_text(encoding="utf-8").strip() if words.is_file() else "",
    )


def input_of(files: Mapping[str, Path], settings: Mapping[str, Any]) -> PaintInput:
    """A request over picture files, all of which show the whole canvas.

    Args:
        files: By layer name; without a `mask` all of the canvas is selected.
        settings: The request's other fields.

    Raises:
        BadRequest: no file at all, or one that is no picture.
    """
    import numpy as np

    from backend.acts.region.paint_input import PaintInput

    if not files:
        raise BadRequest("No pictures given.", "Give --contour lines.png, or --mask mask.png, or both.")
    pixels = {name: read_picture(path, grey=name == "mask") for name, path in files.items()}
    if "mask" not in pixels:
        pixels["mask"] = np.full((*next(iter(pixels.values())).shape[:2], 1), 255, np.uint8)
    canvas = _extent(pixels["mask"])
    surfaces = {
        name: Surface(_extent(array), "grey_u8" if name == "mask" else "bgra_u8", ())
        for name, array in pixels.items()
    }
    request = PaintRequest(canvas=canvas, area=Bounds.of(canvas), **surfaces, **settings)
    return PaintInput(request, *(pixels.get(name) for name in LAYERS))  # pyright: ignore[reportArgumentType]


def read_picture(path: Path, *, grey: bool) -> Pixels:
    """(height, width, channel) as grey_u8 or bgra_u8.

    Raises:
        BadRequest: it cannot be read.
    """
    import numpy as np
    from PIL import Image

    try:
        with Image.open(path) as picture:
            array = np.asarray(picture.convert("L" if grey else "RGBA"))
    except (OSError, ValueError, SyntaxError) as fault:
        raise BadRequest(f"{path} cannot be read as a picture.", "Give a PNG file.") from fault
    return array[..., None] if grey else array[..., [2, 1, 0, 3]]


def perform(input: PaintInput) -> Painted:
    """Load the family and paint, with a progress bar on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("loading the model", total=None)
        from backend.acts.paint.paint import paint
        from backend.weights.runtime.families import load_family

        return paint(load_family(input.request.family), input, _Bar(bar, task))


class _Bar(Quiet):
    """The act's report as a bar in the terminal. Ctrl-C ends the whole program, so nothing is checked."""

    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar, self._task = bar, task

    def progress(self, step: int, steps: int, note: str = "") -> None:
        self._bar.update(self._task, completed=step, total=steps, description=note)


def on_canvas(painted: Painted, image: Pixels | None, canvas: Extent) -> Pixels:
    """(height, width, 4) bgra_u8: the painted layer over the picture, or alone on transparency.

    Where the layer's alpha is 0 the picture's bytes are untouched.
    """
    import numpy as np

    from backend.imaging.pixels import from_rgba, to_rgba

    whole = np.zeros((canvas.height, canvas.width, 4), np.uint8) if image is None else image.copy()
    bounds = painted.bounds
    place = np.s_[bounds.y : bounds.bottom, bounds.x : bounds.right]
    over, under = to_rgba(painted.pixels, painted.format), to_rgba(whole[place], "bgra_u8")
    alpha = over[..., 3:] + under[..., 3:] * (1 - over[..., 3:])
    colour = over[..., :3] * over[..., 3:] + under[..., :3] * under[..., 3:] * (1 - over[..., 3:])
    mixed = np.concatenate([colour / np.maximum(alpha, 1e-6), alpha], -1)
    painted_over = from_rgba(mixed.astype(np.float32), "bgra_u8")
    whole[place] = np.where(over[..., 3:] > 0, painted_over, whole[place])
    return whole


def read_over_white(path: Path) -> Floats:
    """(H,W,3) in [0, 1] of a picture file; what is transparent is white."""
    from backend.imaging.pixels import over_white

    return over_white(read_picture(path, grey=False), "bgra_u8")


def write_picture(path: Path, pixels: Pixels) -> None:
    """Write bgra_u8 as a picture file.

    Raises:
        Refusal: the file cannot be written.
    """
    from PIL import Image

    try:
        Image.fromarray(pixels[..., [2, 1, 0, 3]]).save(path)
    except (OSError, ValueError) as fault:
        raise Refusal(
            f"{path} cannot be written ({fault}).", "Choose another place or a .png name."
        ) from fault


def _extent(array: Pixels) -> Extent:
    return Extent(array.shape[1], array.shape[0])
