# SPDX-License-Identifier: GPL-3.0-or-later
"""`underdrawing models`: what you have, what you can fetch, and the folders where your own models lie.

Your own models are read where they are, nothing is copied. What you fetch lies below one folder, each model
in a folder of its own.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shared.errors import BadRequest, MissingWeights

if TYPE_CHECKING:
    from backend.weights.downloads.meter import Progress
    from backend.weights.files.download_list import Download
    from backend.weights.files.model_file import ModelFile

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)
folders_app = typer.Typer(help="The folders where your own models lie.", add_completion=False)
app.add_typer(folders_app, name="folders")

ASK_FROM_BYTES = 500_000_000
"""What is larger is fetched only after a question."""

In = Annotated[
    Path | None, typer.Option("--in", help="Folder of what you fetch; default: the backend's own.")
]
Id = Annotated[str, typer.Argument(help="As `underdrawing models list` names it.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

KIND_TITLES = {
    "checkpoint": "model",
    "unet": "UNet",
    "vae": "VAE",
    "tiny_vae": "tiny VAE",
    "text_encoder": "text encoder",
    "image_encoder": "image encoder",
    "lora": "LoRA",
    "textual_inversion": "learnt word",
    "t2i_adapter": "adapter",
    "controlnet": "ControlNet",
    "upscaler": "upscaler",
    "unknown": "",
}
BASE_SHORT = {
    "sd15": "SD 1.5",
    "sd2": "SD 2",
    "sdxl": "SD XL",
    "sdxl_refiner": "XL refiner",
    "sd3": "SD 3",
    "flux": "Flux",
    "svd": "SVD",
    "cascade": "Cascade",
    "pixart": "PixArt",
    "embedded": "embedded",
    "unknown": "",
}


@app.command(name="list")
def list_models(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
    folder: In = None,
) -> None:
    """Everything that lies in your folders, and everything that can be fetched."""
    from backend.weights.downloads.fetching import is_here
    from backend.weights.downloads.model_folders import folders, models_folder, scan
    from backend.weights.files.download_list import read_downloads

    own = folder or models_folder()
    found = scan([*([own] if own.is_dir() else []), *folders()], _note)
    listed = {entry.id: (entry, is_here(entry, folder)) for entry in read_downloads().values()}
    if as_json:
        models = [{**asdict(entry), "path": str(entry.path)} for entry in found]
        offers = [
            {**asdict(entry), "about_bytes": entry.about_bytes, "here": here}
            for entry, here in listed.values()
        ]
        print(json.dumps({"models": models, "downloads": offers}))
        return
    _print_models(found)
    _print_offers([entry for entry, here in listed.values() if not here])


@app.command()
def get(id: Id, folder: In = None, yes: Yes = False) -> None:
    """Fetch a model; one that was broken off goes on where it stopped."""
    from backend.weights.downloads import fetching as downloads
    from backend.weights.files.download_list import find_entry

    entry = find_entry(id)
    if downloads.is_here(entry, folder):
        print(f"{entry.title} is here already: {downloads.place(entry, folder)}")
        return
    print(f"{entry.title}: about {readable(entry.about_bytes)} from {entry.repo}\n  licence: {entry.licence}")
    if entry.about_bytes >= ASK_FROM_BYTES and not yes:
        _ask("Fetch it?")
    with _bar() as bar:
        own = downloads.get(entry, folder, bar.show)
    print(f"{entry.title} is here: {own}")


@app.command()
def verify(
    id: Annotated[
        str | None, typer.Argument(help="One of what you fetched; default: all, and what ships.")
    ] = None,
    folder: In = None,
) -> None:
    """Read every byte again and compare it with what was promised."""
    from backend.weights.downloads.fetching import is_here, verify
    from backend.weights.files.catalogue import read_catalogue
    from backend.weights.files.download_list import find_entry, read_downloads

    shipped = read_catalogue()
    if id is None:
        entries = [entry for entry in read_downloads().values() if is_here(entry, folder)]
    else:
        entries = [] if id in shipped else [find_entry(id)]
    checks = [(family.title, family.verify) for family in shipped.values() if id in (None, family.id)]
    checks += [(entry.title, lambda entry=entry: verify(entry, folder)) for entry in entries]
    damaged = 0
    for title, check in checks:
        try:
            check()
            print(f"{title}: as it should be")
        except MissingWeights as refusal:
            damaged += 1
            print(f"{refusal.message}\n  {refusal.remedy}", file=sys.stderr)
    if damaged:
        raise typer.Exit(1)


@app.command()
def remove(id: Id, folder: In = None, yes: Yes = False) -> None:
    """Delete a model that was fetched; your own files are never touched."""
    from backend.weights.downloads import fetching as downloads
    from backend.weights.files.download_list import find_entry

    entry = find_entry(id)
    if not yes:
        _ask(f"Delete {entry.title} from {downloads.place(entry, folder)}?")
    print(f"{readable(downloads.remove(entry, folder))} are free again.")


@folders_app.callback(invoke_without_command=True)
def folders_list(context: typer.Context) -> None:
    """Print the folders that are searched."""
    from backend.weights.downloads.model_folders import folders, models_folder

    if context.invoked_subcommand is None:
        print(f"{models_folder()}  (what you fetch)")
        for path in folders():
            print(path if path.is_dir() else f"{path}  (not there now)")


@folders_app.command(name="add")
def folders_add(
    path: Annotated[Path, typer.Argument(help="A folder with models; all below it counts.")],
) -> None:
    """Search a folder from now on."""
    from backend.weights.downloads.model_folders import add_folder, scan

    folder = add_folder(path)
    found = scan([folder], _note)
    usable = sum(entry.usable for entry in found)
    print(f"{folder}: of {len(found)} found, {usable} can be used")


@folders_app.command(name="remove")
def folders_remove(path: Annotated[Path, typer.Argument(help="A folder that was added.")]) -> None:
    """Search a folder no longer; nothing in it is touched."""
    from backend.weights.downloads.model_folders import remove_folder

    remove_folder(path)


def readable(size_bytes: float) -> str:
    """A size as people write it, in decimal units."""
    for unit, digits in (("B", 0), ("kB", 0), ("MB", 0)):
        if abs(size_bytes) < 1000:
            return f"{size_bytes:.{digits}f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.1f} GB"


def _ask(question: str) -> None:
    """Raises BadRequest where nobody can answer, and typer.Exit on a no."""
    if not sys.stdin.isatty():
        raise BadRequest("Not interactive.", "Pass --yes.")
    if not typer.confirm(question):
        raise typer.Exit(1)


def _note(note: str) -> None:
    print(_printable(note), file=sys.stderr)


def _printable(words: str) -> str:
    """Names of files may hold bytes that are no letters."""
    return words.encode("utf-8", "replace").decode()


def _print_models(found: tuple[ModelFile, ...]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not found:
        print("No models in your folders yet. Add one: underdrawing models folders add FOLDER\n")
        return
    table = Table(title="In your folders", title_justify="left")
    for heading in ("title", "what", "family", "size", "about it"):
        table.add_column(heading, justify="right" if heading == "size" else "left", overflow="fold")
    for entry in sorted(
        found, key=lambda entry: (not entry.usable, [*KIND_TITLES].index(entry.kind), entry.title)
    ):
        cells = (
            entry.title,
            KIND_TITLES[entry.kind],
            BASE_SHORT[entry.base],
            readable(entry.size_bytes),
            about(entry),
        )
        table.add_row(*(Text(_printable(cell)) for cell in cells), style=None if entry.usable else "dim")
    Console().print(table)


def about(entry: ModelFile) -> str:
    """What else is known of a model, in a few words."""
    if entry.problem:
        return entry.problem
    words = ["inpaints"] if entry.inpaint else []
    words += [entry.prediction.replace("_", " ")] if entry.prediction else []
    words += [f"rank {entry.rank}"] if entry.rank else []
    words += [f"{entry.tokens} tokens"] if entry.tokens else []
    words += [f"guides by {entry.guides}"] if entry.guides else []
    words += [f"few steps ({entry.few_steps})"] if entry.few_steps else []
    return ", ".join(words)


def _print_offers(entries: list[Download]) -> None:
    from rich.console import Console
    from rich.table import Table

    if not entries:
        return
    table = Table(title="To fetch: underdrawing models get ID", title_justify="left")
    for heading in ("id", "what", "size", "licence"):
        table.add_column(heading, justify="right" if heading == "size" else "left", overflow="fold")
    for entry in entries:
        table.add_row(entry.id, entry.title, f"about {readable(entry.about_bytes)}", entry.licence)
    Console().print(table)


class _bar:  # noqa: N801 - it is used as a function
    """A bar on standard error: how much, how fast, how long."""

    def __enter__(self) -> _bar:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        columns: list[Any] = [
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[words]}"),
        ]
        self._rich = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._rich.add_task("", total=None, words="")
        self._rich.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._rich.stop()

    def show(self, progress: Progress) -> None:
        self._rich.update(
            self._task,
            description=progress.file,
            completed=progress.done_bytes,
            total=progress.total_bytes,
            words=standing(progress),
        )


def standing(progress: Progress) -> str:
    """Where a download stands, in words."""
    words = f"{readable(progress.done_bytes)} of {readable(progress.total_bytes)}"
    if progress.seconds_left is None:
        return words
    minutes, seconds = divmod(round(progress.seconds_left), 60)
    return f"{words}, {readable(progress.bytes_per_second)}/s, {minutes}:{seconds:02} left"
