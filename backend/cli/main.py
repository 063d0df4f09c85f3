# SPDX-License-Identifier: GPL-3.0-or-later
"""`underdrawing`: everything the plugin can do, from a terminal.

Each command lives in its own module and is imported only when it is called, so that `--help` answers at once.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any, NamedTuple, cast

import typer

from backend import home
from shared.errors import Cancelled, Refusal
from shared.version import VERSION


class Entry(NamedTuple):
    """Where a command lives ("module:name", a function or a typer app) and what it does in one sentence."""

    target: str
    help: str


COMMANDS = {
    "paint": Entry(
        "backend.cli.paint:paint_command", "Paint a marked region of a picture under its strokes."
    ),
    "extract": Entry("backend.cli.extract:extract_command", "Find the lines of pictures."),
    "style": Entry("backend.cli.style:app", "Your line styles: list them, teach one, take them along."),
    "complete": Entry(
        "backend.cli.complete:complete_command",
        "Complete a marked region at once, by its strokes.",
    ),
    "copy-sketch": Entry(
        "backend.cli.complete:copy_sketch_command",
        "Copy a thing as lines and colours into another picture.",
    ),
    "serve": Entry("backend.app:serve", "Run the backend that Krita's docker talks to."),
    "doctor": Entry("backend.cli.doctor:doctor_command", "Print one report about this installation."),
    "models": Entry("backend.cli.models:app", "Your models: list them, fetch more, check them."),
    "bench": Entry("benchmarks.command:bench_command", "Measure speed and memory on this machine."),
    "train": Entry("backend.cli.train:app", "Make the embedded weights again, from drawings to files."),
}

REFUSED = 2
CANCELLED = 130

app = typer.Typer(
    name="underdrawing",
    help="Paint through the lines under the picture.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"underdrawing {VERSION}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    home.enter_home()


def load(target: str) -> Any:
    """The click command behind "module:name"; a plain function becomes a command of its own."""
    module, name = target.split(":")
    found = getattr(importlib.import_module(module), name)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command()(cast("Callable[..., Any]", found))
        found = alone
    return typer.main.get_command(found)


def _mount(name: str, entry: Entry) -> None:
    @app.command(
        name,
        help=entry.help,
        add_help_option=False,
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )
    def forward(context: typer.Context) -> None:  # pyright: ignore[reportUnusedFunction] - typer keeps it
        code = load(entry.target).main(
            args=list(context.args), prog_name=f"underdrawing {name}", standalone_mode=False
        )
        if isinstance(code, int) and code != 0:
            raise typer.Exit(code)


for _name, _entry in COMMANDS.items():
    _mount(_name, _entry)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; a refusal is told with its remedy."""
    try:
        app(args=list(arguments), prog_name="underdrawing")
    except Refusal as refusal:
        print(f"underdrawing: {refusal.message}\n  {refusal.remedy}", file=sys.stderr)
        return REFUSED
    except (Cancelled, KeyboardInterrupt):
        print("underdrawing: cancelled", file=sys.stderr)
        return CANCELLED
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def main() -> None:
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
