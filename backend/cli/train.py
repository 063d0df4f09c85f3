# SPDX-License-Identifier: GPL-3.0-or-later
"""`underdrawing train`: make the embedded family again, from drawings to the files that ship.

Everything lies below one folder: `studio/` (rendered pictures), `tokenizer/`, `latents-128/`, and `vae/` and
`painter-128/` with checkpoints and sample grids. Run under `torchrun --nproc-per-node N` or
`accelerate launch` to share the work.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from backend import home

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)

Minutes = Annotated[float, typer.Option(min=0.1, help="Training time, over all resumed runs.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="Folder of this training; default: in the backend's.")
]
Count = Annotated[int, typer.Option(min=1, help="Pictures to render.")]
To = Annotated[Path | None, typer.Option("--to", help="Folder of the family; default: models/embedded.")]
Threads = Annotated[int, typer.Option(min=1, help="Threads of this process.")]

PresetName = Annotated[
    Literal["cores", "gpu"] | None,
    typer.Option("--preset", help="Sizes; kept in the folder of the training."),
]
Workers = Annotated[int, typer.Option(min=1, help="Processes that render pictures.")]


def _folder(out: Path | None) -> Path:
    return out or home.home() / "training"


@app.command()
def pictures(
    count: Count = 16384,
    out: Out = None,
    preset: PresetName = None,
    workers: Workers = 1,
    first: Annotated[int, typer.Option("--first-seed", min=0, help="Seed of the first picture.")] = 0,
) -> None:
    """Render the pictures that everything else learns from, and 256 held-out ones."""
    from models.recipes.presets import choose_preset
    from models.recipes.remake import render_pictures

    if preset is not None:
        choose_preset(_folder(out), preset)
    render_pictures(_folder(out), count, typer.echo, workers=workers, first=first)


@app.command()
def vae(
    minutes: Minutes = 40,
    resume: Resume = False,
    out: Out = None,
    threads: Threads = 1,
    start: Annotated[
        Path | None, typer.Option("--from", help="Exported family whose autoencoder to begin with.")
    ] = None,
    rate: Annotated[float, typer.Option(min=1e-6, help="Peak learning rate.")] = 3e-3,
) -> None:
    """Train the autoencoder on rendered pictures."""
    from models.recipes.remake import train_vae

    train_vae(
        _folder(out), minutes, threads=threads, resume=resume, report=typer.echo, start=start, rate=rate
    )


@app.command()
def clip(
    minutes: Minutes = 20,
    resume: Resume = False,
    out: Out = None,
    threads: Threads = 1,
    start: Annotated[
        Path | None, typer.Option("--from", help="Folder of a text encoder to begin with, changed slowly.")
    ] = None,
    under_painter: Annotated[
        bool, typer.Option("--under-painter", help="Keep the text encoder of the painter trained here.")
    ] = False,
) -> None:
    """Train CLIP on rendered pictures and captions; painters trained after it use its text tower."""
    from models.recipes.remake import train_clip

    train_clip(
        _folder(out),
        minutes,
        start=start,
        threads=threads,
        resume=resume,
        report=typer.echo,
        under_painter=under_painter,
    )


@app.command()
def painter(
    minutes: Minutes = 40,
    resume: Resume = False,
    out: Out = None,
    threads: Threads = 1,
    size: Annotated[int, typer.Option(help="Side of the pictures: 128 first, then 256.")] = 128,
    batch: Annotated[
        int | None, typer.Option(min=1, help="Pictures per step and process; default: the preset's.")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(min=1e-6, help="Peak learning rate; default: the recipe's.")
    ] = None,
) -> None:
    """Train denoiser, text encoder and stroke encoders on encoded pictures; needs the autoencoder."""
    from models.recipes.remake import train_painter

    train_painter(
        _folder(out),
        minutes,
        size=size,
        batch=batch,
        threads=threads,
        resume=resume,
        report=typer.echo,
        rate=rate,
    )


@app.command(name="take-up")
def take_up(
    family: Annotated[
        Path | None, typer.Option("--family", help="Exported family; default: models/embedded.")
    ] = None,
    out: Out = None,
) -> None:
    """Begin a new training with an exported family, where the checkpoints it came from are gone."""
    from models.recipes import remake
    from models.recipes.export import EMBEDDED

    remake.take_up(_folder(out), family or EMBEDDED, typer.echo)


@app.command()
def student(
    minutes: Minutes = 60,
    resume: Resume = False,
    out: Out = None,
    threads: Threads = 1,
    size: Annotated[int, typer.Option(help="Side of the pictures.")] = 256,
    batch: Annotated[int, typer.Option(min=1, help="Pictures per step and process.")] = 8,
    family: Annotated[
        Path | None, typer.Option("--family", help="Exported family to distil; default: models/embedded.")
    ] = None,
    ship: Annotated[bool, typer.Option("--ship", help="Put the student into the family.")] = False,
) -> None:
    """Distil an exported family into a LoRA that paints in four steps; needs its encoded pictures."""
    from models.recipes.export import EMBEDDED
    from models.recipes.student import train_student

    train_student(
        _folder(out),
        minutes,
        size=size,
        batch=batch,
        threads=threads,
        resume=resume,
        report=typer.echo,
        family=family or EMBEDDED,
        ship=ship,
    )


@app.command()
def judge() -> None:
    """Teach the classifier that names the studio's subjects; it only measures, and ships with nothing."""
    from benchmarks.rulers.category_judge import load_judge

    load_judge(typer.echo)


@app.command()
def recogniser() -> None:
    """Teach the classifier that names drawings by people; it only measures, and ships with nothing."""
    from benchmarks.rulers.recogniser import load_recogniser

    load_recogniser(typer.echo)


@app.command()
def extractor(
    minutes: Minutes = 60,
    resume: Resume = False,
    out: Out = None,
    threads: Threads = 1,
    count: Annotated[int, typer.Option(min=1, help="Pictures to render for it alone.")] = 4096,
    workers: Workers = 1,
    batch: Annotated[int, typer.Option(min=1, help="Crops per step and process.")] = 8,
    crop: Annotated[int, typer.Option(min=32, max=320, help="Side of the crops, in pixels.")] = 192,
    to: Annotated[Path | None, typer.Option("--to", help="Its folder; default: models/extractor.")] = None,
) -> None:
    """Train the network that draws the lines of any picture."""
    from models.recipes.extractor import EXTRACTOR, train_extractor
    from models.recipes.remake import prepare

    report = prepare(threads, typer.echo)
    train_extractor(
        _folder(out),
        minutes,
        count=count,
        resume=resume,
        report=report,
        workers=workers,
        batch=batch,
        crop_px=crop,
        to=to or EXTRACTOR,
    )


@app.command(name="line-style")
def line_style(
    name: Annotated[str, typer.Argument(help="One of: fineliner, soft pencil, brush pen, chalk.")],
    minutes: Minutes = 10,
    threads: Threads = 1,
    count: Annotated[int, typer.Option(min=2, help="Pictures to draw with it.")] = 200,
    to: Annotated[Path | None, typer.Option("--to", help="Its folder; default: models/styles.")] = None,
) -> None:
    """Teach the general line extractor one of the studio's tools, as a style that ships."""
    from models.recipes.line_styles_shipped import SHIPPED, TITLES, train_line_style
    from shared.errors import BadRequest

    if name not in TITLES:
        raise BadRequest(f"There is no tool {name!r}.", f"Choose one of: {', '.join(TITLES)}.")
    path = train_line_style(name, minutes, count=count, threads=threads, report=typer.echo, to=to or SHIPPED)
    typer.echo(path)


@app.command()
def completion(
    minutes: Minutes = 60,
    steps: Annotated[
        int | None, typer.Option("--steps", min=1, help="Train so many steps instead, to compare variants.")
    ] = None,
    resume: Resume = False,
    out: Out = None,
    threads: Threads = 1,
    begin: Annotated[
        Path | None, typer.Option("--from", file_okay=False, help="Begin with what another training learnt.")
    ] = None,
    keep: Annotated[
        float, typer.Option("--keep", min=0, max=1, help="Share of that in the weights that are written.")
    ] = 0.0,
    variant: Annotated[
        Literal["usual", "no_perceptual", "plain", "raw_edges", "rectangles", "no_translation", "bare_hole"],
        typer.Option("--variant", help="What it lacks, for comparison."),
    ] = "usual",
    ship: Annotated[bool, typer.Option("--ship", help="Put it into models/completion.")] = False,
) -> None:
    """Train the instant engine on rendered pictures."""
    from backend.weights.runtime.completion import COMPLETION
    from models.recipes.completion import train_completion
    from models.recipes.remake import prepare

    report, to = prepare(threads, typer.echo), COMPLETION if ship else None
    train_completion(
        _folder(out),
        minutes,
        steps=steps,
        begin=begin,
        keep=keep,
        variant=variant,
        resume=resume,
        report=report,
        to=to,
    )


@app.command()
def export(out: Out = None, to: To = None) -> None:
    """Write the trained networks as the family that ships."""
    from models.recipes.remake import export_trained

    export_trained(_folder(out), to, typer.echo)


@app.command()
def measure(
    count: Annotated[int, typer.Option(min=1, help="Held-out pictures.")] = 64, out: Out = None
) -> None:
    """Measure the exported family on held-out pictures."""
    from models.recipes.measure import measure_family

    measure_family(_folder(out), count, typer.echo)


@app.command(name="all")
def everything(
    minutes: Minutes = 120,
    resume: Resume = False,
    out: Out = None,
    threads: Threads = 1,
    count: Count = 16384,
    to: To = None,
    preset: PresetName = None,
    workers: Workers = 1,
) -> None:
    """Pictures, autoencoder, CLIP, painter at 128 and at 256 px, export: the whole family by one command."""
    from models.recipes.presets import choose_preset
    from models.recipes.remake import remake

    if preset is not None:
        choose_preset(_folder(out), preset)
    remake(
        _folder(out),
        minutes,
        count=count,
        threads=threads,
        resume=resume,
        report=typer.echo,
        to=to,
        workers=workers,
    )
