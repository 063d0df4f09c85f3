# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false
"""`underdrawing extract`: line art from picture files, as layers on transparency."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from backend.acts.report import Quiet
from shared.errors import BadRequest, Refusal
from shared.ink import LARGEST_THRESHOLD, LARGEST_WEIGHT

if TYPE_CHECKING:
    from PIL.Image import Image

    from backend.imaging.line_art import Ink
    from backend.imaging.pixels import Picture
    from models.networks.line_extractor import LineExtractor

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"})
KINDS = ("contour", "detail")
OWN = re.compile(r"\.(contour|detail)\.png$")
COLOUR = re.compile(r"#?([0-9a-fA-F]{6})")

Colour = tuple[int, int, int]


def extract_command(
    pictures: Annotated[list[Path], typer.Argument(help="Picture files, or folders of them.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the lines; default: beside each picture.")
    ] = None,
    style: Annotated[str, typer.Option(help="A line of yours, as `underdrawing style list` names it.")] = "",
    weight: Annotated[
        float, typer.Option(min=0, max=LARGEST_WEIGHT, help="Heavier lines above 1, lighter ones below.")
    ] = 1.0,
    threshold: Annotated[
        float, typer.Option(min=0, max=LARGEST_THRESHOLD, help="Leave out ink fainter than this.")
    ] = 0.0,
    clean: Annotated[bool, typer.Option("--clean", help="Draw the lines again with even strokes.")] = False,
    colour: Annotated[str, typer.Option(help="Colour of the ink.")] = "#101014",
    sheet: Annotated[Path | None, typer.Option(help="Also one picture with everything, to look at.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
) -> None:
    """Find the lines of pictures: NAME.contour.png and NAME.detail.png, ink on transparency."""
    ink_colour = colour_of(colour)
    wanted = targets(pictures_in(pictures), out)
    if not force:
        refuse_to_overwrite(
            [*(file for pair in wanted.values() for file in pair), *([sheet] if sheet else [])]
        )
    drawn, refused = _draw_all(wanted, style, (weight, threshold), ink_colour, clean=clean)
    if sheet is not None and drawn:
        _save(_sheet(drawn), sheet)
    if len(refused) == 1 == len(wanted):
        raise refused[0]
    if refused:
        told = " ".join(refusal.message for refusal in refused)
        raise Refusal(f"{len(refused)} of {len(wanted)} pictures gave no lines: {told}", refused[0].remedy)


def colour_of(text: str) -> Colour:
    """RGB of #rrggbb.

    Raises:
        BadRequest: it is none.
    """
    found = COLOUR.fullmatch(text.strip())
    if found is None:
        raise BadRequest(
            f"{text!r} is no colour.", "Write it like #101014: red, green and blue in two digits each."
        )
    value = int(found[1], 16)
    return value >> 16, value >> 8 & 255, value & 255


def pictures_in(given: Sequence[Path]) -> list[Path]:
    """The files given, and the pictures in the folders given, without the lines that were extracted before.

    Raises:
        BadRequest: something is not there, or there is no picture.
    """
    found: list[Path] = []
    for path in given:
        if path.is_dir():
            found += sorted(
                f for f in path.iterdir() if f.suffix.lower() in SUFFIXES and not OWN.search(f.name)
            )
        elif path.is_file():
            found.append(path)
        else:
            raise BadRequest(f"There is no {path}.", "Give picture files, or folders that hold some.")
    if not found:
        raise BadRequest(
            "There is no picture in that folder.", "Give picture files, or folders that hold some."
        )
    return list(dict.fromkeys(found))


def targets(pictures: Sequence[Path], out: Path | None) -> dict[Path, tuple[Path, Path]]:
    """Where the contour and the detail of each picture go; pictures of one name keep their ending apart."""
    places = {picture: out or picture.parent for picture in pictures}
    count = Counter((places[picture], picture.stem) for picture in pictures)
    wanted: dict[Path, tuple[Path, Path]] = {}
    for picture, folder in places.items():
        name = picture.stem if count[folder, picture.stem] == 1 else picture.name
        contour, detail = (folder / f"{name}.{kind}.png" for kind in KINDS)
        wanted[picture] = (contour, detail)
    if len(set(wanted.values())) < len(wanted):
        raise BadRequest("Two pictures have the same name.", "Extract them into different folders.")
    return wanted


def refuse_to_overwrite(files: Sequence[Path]) -> None:
    """Stop before the work begins.

    Raises:
        BadRequest: a file is already there.
    """
    there = [file for file in files if file.exists()]
    if there:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise BadRequest(
            f"{there[0]}{more} would be written over.", "Choose another folder with --out, or say --force."
        )


def read_picture(path: Path) -> Picture:
    """Read a picture of 8 or 16 bits or of floats, upright.

    Raises:
        BadRequest: it cannot be read.
    """
    import numpy as np
    from PIL import Image, ImageOps

    from backend.imaging.pixels import Picture

    try:
        with Image.open(path) as file:
            upright = ImageOps.exif_transpose(file)
            if upright.mode == "F" or upright.mode.startswith("I"):  # grey of 16 bits or floats
                grey = np.asarray(upright).astype(np.float32)
                light = grey if upright.mode == "F" else grey / 65535
                return Picture(np.stack([light, light, light, np.ones_like(light)], -1), "rgba_f32")
            return Picture(np.asarray(upright.convert("RGBA"))[..., [2, 1, 0, 3]], "bgra_u8")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as fault:
        raise BadRequest(
            f"{path} cannot be read as a picture.", "Give PNG, JPEG, WebP or TIFF files."
        ) from fault


def load_line(style: str) -> LineExtractor:
    """The extractor of a style, by its id or title; the general one for no name.

    Raises:
        BadRequest: there is no such style, or there are several.
    """
    from backend.weights.runtime.device import choose_device

    if not style:
        from backend.weights.runtime.line_extractor import load_extractor

        return load_extractor(choose_device())
    from backend.cli.style import find
    from backend.library.line_styles import load_style

    return load_style(find(style).id, choose_device())


def _draw_all(
    wanted: dict[Path, tuple[Path, Path]],
    style: str,
    strength: tuple[float, float],
    colour: Colour,
    *,
    clean: bool,
) -> tuple[list[tuple[Path, Image]], list[Refusal]]:
    """Extract and write; one bad picture does not stop the others.

    Returns:
        What was drawn, contour and detail together, and what was refused.
    """
    drawn: list[tuple[Path, Image]] = []
    refused: list[Refusal] = []
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("loading", total=len(wanted))
        from backend.acts.lines.extract import extract
        from backend.imaging.line_art import weighed

        extractor = load_line(style)
        for picture, places in wanted.items():
            bar.update(task, description=picture.name)
            try:
                inks = extract(extractor, read_picture(picture), Quiet(), clean=clean, confirm=not style)
                inks = [weighed(ink, *strength) for ink in inks]
                for ink, place in zip(inks, places, strict=True):
                    place.parent.mkdir(parents=True, exist_ok=True)
                    _save(_layer(ink, colour), place)
                drawn.append((picture, _thumbnail(inks, colour)))
            except Refusal as refusal:
                refused.append(refusal)
            bar.advance(task)
    return drawn, refused


def _layer(ink: Ink, colour: Colour) -> Image:
    """Ink as alpha; the colour is the same everywhere, so that no edge of a line has another."""
    from PIL import Image

    layer = Image.new("RGB", (ink.shape[1], ink.shape[0]), colour)
    layer.putalpha(Image.fromarray(ink))
    return layer


def _save(picture: Image, path: Path) -> None:
    try:
        picture.save(path)
    except (OSError, ValueError) as fault:
        raise Refusal(
            f"{path} cannot be written ({fault}).", "Choose another place or a .png name."
        ) from fault


THUMB_PX, GAP_PX, PER_ROW = 384, 12, 2


def _thumbnail(inks: Sequence[Ink], colour: Colour) -> Image:
    """All lines on white, small."""
    from PIL import Image

    page = Image.new("RGBA", (inks[0].shape[1], inks[0].shape[0]), "white")
    for ink in inks:
        page.alpha_composite(_layer(ink, colour))
    page.thumbnail((THUMB_PX, THUMB_PX))
    return page.convert("RGB")


def _sheet(drawn: Sequence[tuple[Path, Image]]) -> Image:
    """Each picture beside its lines."""
    from PIL import Image, ImageOps

    wide, high = (max(lines.size[side] for _, lines in drawn) + GAP_PX for side in (0, 1))
    columns, rows = 2 * min(PER_ROW, len(drawn)), -(-len(drawn) // PER_ROW)
    page = Image.new("RGB", (columns * wide + GAP_PX, rows * high + GAP_PX), (228, 228, 228))
    for i, (path, lines) in enumerate(drawn):
        with Image.open(path) as file:
            picture = ImageOps.exif_transpose(file).convert("RGBA").resize(lines.size)
        x, y = GAP_PX + i % PER_ROW * 2 * wide, GAP_PX + i // PER_ROW * high
        page.paste(
            Image.alpha_composite(Image.new("RGBA", lines.size, "white"), picture).convert("RGB"), (x, y)
        )
        page.paste(lines, (x + wide, y))
    return page
