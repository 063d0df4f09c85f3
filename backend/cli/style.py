# SPDX-License-Identifier: GPL-3.0-or-later
"""`underdrawing style`: your library of line styles, and teaching it yours.

A style is learnt from one picture and the lines that you drew over it. Ctrl-C stops a learning and keeps
what was learnt; the same command goes on with it.
"""

from __future__ import annotations

import hashlib
import json
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend import home
from backend.acts.report import Quiet
from backend.cli.models import readable
from shared.errors import BadRequest, Cancelled

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from backend.acts.line_style.example import Example
    from backend.imaging.pixels import Floats
    from backend.library.line_styles import StyleInfo

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)

FILE = typer.Option(exists=True, dir_okay=False)
Id = Annotated[str, typer.Argument(help="Id or title, as `underdrawing style list` shows it.")]
Family = Annotated[str, typer.Option(help="Base model whose features are used, where the method uses any.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
METHODS = ("auto", "example", "generator")


@app.command()
def learn(
    picture: Annotated[Path, typer.Argument(help="The picture that you drew over.")],
    contour: Annotated[Path | None, FILE] = None,
    detail: Annotated[Path | None, FILE] = None,
    lines: Annotated[Path | None, FILE] = None,
    title: Annotated[str, typer.Option(help="Name of the style; default: that of the picture's file.")] = "",
    minutes: Annotated[float, typer.Option(min=0.01, help="How long to learn.")] = 4.0,
    family: Family = "embedded",
    method: Annotated[str, typer.Option(help=f"One of: {', '.join(METHODS)}.")] = "auto",
) -> None:
    """Learn your line from one picture and the lines drawn over it.

    Lines are drawn on transparency or on paper, as large as the picture: outlines with --contour and inner
    lines with --detail, or both in one file with --lines.
    """
    from backend.acts.line_style.learn import learn_style

    if method not in METHODS:
        raise BadRequest(f"There is no method {method!r}.", f"Choose one of: {', '.join(METHODS)}.")
    example = read_example(picture, contour, detail, lines)
    folder = working_folder(example, family, method)
    with _bar() as report:
        info = learn_style(
            example,
            title or picture.stem,
            minutes=minutes,
            family=family,
            folder=folder,
            report=report,
            method=method,
        )
    print(f"{info.title} is learnt: {info.id} ({readable(info.size_bytes)})")


@app.command(name="list")
def list_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Every line style that you can extract lines with."""
    from backend.library.line_styles import read_library

    found, refused = read_library()
    for refusal in refused:
        print(f"{refusal.message}\n  {refusal.remedy}", file=sys.stderr)
    if as_json:
        print(json.dumps({"styles": [_listed(info) for info in found]}))
    else:
        _print_styles(found)


@app.command()
def rename(style: Id, title: Annotated[str, typer.Argument(help="Its new name.")]) -> None:
    """Give a style of yours another name."""
    from backend.library.line_styles import rename_style

    print(f"It is called {rename_style(find(style).id, title).title} now.")


@app.command()
def delete(style: Id, yes: Yes = False) -> None:
    """Delete a style of yours."""
    from backend.library.line_styles import delete_style

    info = find(style)
    if not yes:
        if not sys.stdin.isatty():
            raise BadRequest("Not interactive.", "Pass --yes.")
        if not typer.confirm(f"Delete {info.title}?"):
            raise typer.Exit(1)
    delete_style(info.id)
    print(f"{info.title} is deleted.")


@app.command(name="export")
def export_command(
    style: Id,
    to: Annotated[Path, typer.Argument(help="A file, or a folder for a file named after the style.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a style as one file, for another machine or another artist."""
    from backend.library.line_styles import export_style, target_of

    info = find(style)
    target = target_of(info.title, to)
    if target.exists() and not force:
        raise BadRequest(f"{target} is there already.", "Choose another name, or say --force.")
    print(f"{info.title} is in {export_style(info.id, target)}")


@app.command(name="import")
def import_command(files: Annotated[list[Path], typer.Argument(help="Style files.")]) -> None:
    """Take style files into your library, after checking them."""
    from backend.library.line_styles import import_style

    for file in files:
        info = import_style(file)
        print(f"{info.title} is here: {info.id}")


@app.command()
def steps(
    family: Family = "embedded",
    images: Annotated[int, typer.Option(min=2, help="Pictures to sample.")] = 32,
    plot: Annotated[Path | None, typer.Option(help="Draw the analysis into this PNG.")] = None,
) -> None:
    """Find the steps of a base model that tell most about a picture, and keep them for learning."""
    from backend.acts.line_style.steps import run_steps

    run_steps(family, images, plot, typer.echo)


def find(wanted: str) -> StyleInfo:
    """The style of that id, or the only one of that title.

    Raises:
        BadRequest: there is none, or there are several.
    """
    from backend.library.line_styles import list_styles

    found = list_styles()
    by_id = [info for info in found if info.id == wanted]
    by_title = [info for info in found if info.title.casefold() == wanted.casefold()]
    matching = by_id or by_title
    if len(matching) == 1:
        return matching[0]
    if matching:
        ids = ", ".join(info.id for info in matching)
        raise BadRequest(
            f"{len(matching)} line styles are called {wanted!r}.", f"Say which by its id: {ids}."
        )
    raise BadRequest(f"There is no line style {wanted!r}.", "See `underdrawing style list`.")


def read_example(picture: Path, contour: Path | None, detail: Path | None, lines: Path | None) -> Example:
    """The example of picture files.

    Raises:
        BadRequest: no lines, lines given twice, an unreadable file, or what `Example` refuses.
    """
    import numpy as np

    from backend.acts.line_style.example import as_example, split_lines
    from backend.cli.paint import read_over_white

    if lines is not None and (contour is not None or detail is not None):
        raise BadRequest("The lines are given twice.", "Say --lines alone, or --contour and --detail.")
    colours = read_over_white(picture)
    if lines is not None:
        from backend.weights.runtime.line_extractor import load_extractor

        both = as_example(colours, drawn := read_ink(lines), np.zeros_like(drawn))
        return as_example(both.picture, *split_lines(both.picture, both.contour, load_extractor()))
    inks = [read_ink(path) if path else None for path in (contour, detail)]
    given = next((ink for ink in inks if ink is not None), None)
    if given is None:
        raise BadRequest("There are no lines to learn from.", "Say --contour and --detail, or --lines.")
    blank = np.zeros_like(given)
    return as_example(colours, *(blank if ink is None else ink for ink in inks))


def read_ink(path: Path) -> Floats:
    """(H,W) ink in [0, 1] of lines on transparency or on paper."""
    from backend.cli.paint import read_picture
    from backend.imaging.pixels import Picture
    from backend.imaging.strokes import ink, paper_tone
    from shared.geometry import Bounds

    layer = Picture(read_picture(path, grey=False), "bgra_u8")
    return ink(layer.rgba(Bounds.of(layer.extent)), paper_tone(layer))


def working_folder(example: Example, family: str, method: str) -> Path:
    """Where the learning of this example keeps its state: the same for the same example."""
    digest = hashlib.sha256(f"{family} {method} {example.picture.shape}".encode())
    for plane in (example.picture, example.contour, example.detail):
        digest.update(plane.tobytes())
    return home.home() / "styles" / "learning" / digest.hexdigest()[:32]


def _listed(info: StyleInfo) -> dict[str, Any]:
    return {
        "id": info.id,
        "title": info.title,
        "shipped": info.shipped,
        "size_bytes": info.size_bytes,
        "created": info.created,
    }


def _print_styles(found: tuple[StyleInfo, ...]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title="Line styles", title_justify="left")
    for heading in ("id", "title", "size", "made"):
        table.add_column(heading, justify="right" if heading == "size" else "left", overflow="fold")
    for info in found:
        made = "ships with Underdrawing" if info.shipped else info.created[:16].replace("T", " ")
        table.add_row(info.id, Text(info.title), readable(info.size_bytes), made)
    Console().print(table)


class _Bar(Quiet):
    """The learning as a bar on standard error; after Ctrl-C the next check stops it."""

    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar, self._task, self.stopped = bar, task, False

    def progress(self, step: int, steps: int, note: str = "") -> None:
        self._bar.update(self._task, completed=step, total=steps, description=note)

    def check(self) -> None:
        if self.stopped:
            raise Cancelled


@contextmanager
def _bar() -> Generator[_Bar]:
    """Ctrl-C asks the learning to stop, so that it can save; a second one ends the program."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        report = _Bar(bar, bar.add_task("", total=None))

        def stop(number: int, frame: object) -> None:
            report.stopped = True
            signal.signal(signal.SIGINT, before)

        before = signal.signal(signal.SIGINT, stop)
        try:
            yield report
        finally:
            signal.signal(signal.SIGINT, before)
