# SPDX-License-Identifier: GPL-3.0-or-later
"""How well the embedded family paints what artists bring, beside what is free.

Every painting is made by the real acts with their defaults. Each set of pictures is painted in several ways,
its rows; rulers that no painter was taught with measure them (see `rulers`). Names of figures: a ruler, the
set where it is not the first, and the row where it is not paint; `..._over_flat` is how much better paint is
than a flat fill on the same pictures. What was painted and measured is kept: a run that was stopped goes on.
"""

from __future__ import annotations

import math
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch

from backend.weights.files.catalogue import MODELS
from backend.weights.runtime.base_model import BaseModel
from backend.weights.runtime.clip import load_clip
from backend.weights.runtime.completion import load_completion
from backend.weights.runtime.families import load_family
from benchmarks.form import Figure, Progress, exact, interval
from benchmarks.held_out import Image8, Task, painted, whole
from benchmarks.kept import Kept, code_key, file_key, key_of
from benchmarks.painting.figures import pooled_figures, set_figures, unsure
from benchmarks.painting.measures import measures
from benchmarks.painting.rows import PAINT, TRUE, other_family, ways
from benchmarks.painting.sets import SETS
from benchmarks.painting.tables import Bench, given_or_told
from benchmarks.rulers.category_judge import load_judge
from benchmarks.rulers.clip_figures import CHOICES, clip_figures
from benchmarks.rulers.doodle_strokes import TAUGHT, TRIED
from benchmarks.rulers.recogniser import load_recogniser
from benchmarks.shared_data import shared_data
from models.recipes.studio.icons import cache_folder

FAMILY = "embedded"
LOADS, TIMED, QUICK_TIMED = 3, 8, 2
LOAD = f"from backend.weights.runtime.families import load_family; load_family({FAMILY!r})"
REPO = Path(__file__).parents[1]


def run(quick: bool, seed: int, progress: Progress, families: Sequence[Path] = ()) -> list[Figure]:
    """Every figure that this machine can give.

    Args:
        families: Folders of other families, which paint the same pictures: rows of their own.
    """
    model = load_family(FAMILY)
    figures = costs(model, quick, seed, progress)
    bench = open_bench(model, progress, families)
    tables = bench.tables(quick=quick)
    for some, tasks, table in tables:
        figures += set_figures(some.label, table, tasks, seed)
        if (right := unsure(table)) is not None:
            progress(f"{some.key}: the judge knows {right:.0%} of the true pictures, and judges no others")
    figures += pooled_figures([table for *_, table in tables])
    _, tasks, _ = tables[0]
    results, true = (bench.pictures(SETS[0], row, tasks) for row in (PAINT, TRUE))
    figures.append(vae_figure(model, true, seed))
    return figures + (given_or_told(lambda tell: words_figures(results, quick, seed, tell), progress) or [])


def keys(quick: bool, seed: int) -> dict[str, str]:
    """What the figures depend on: they hold as long as all of it stays the same."""
    return {
        "code": code_key(__name__),
        "weights": weights_key(MODELS / FAMILY, MODELS / "completion"),
        "data": data_key(),
        "effort": f"{'quick' if quick else 'full'}, seed {seed}",
    }


def open_bench(model: BaseModel, progress: Progress, families: Sequence[Path] = ()) -> Bench:
    """Everything that paints and measures, with what is kept of it."""
    others = dict(map(other_family, families))
    digests = {name: weights_key(folder) for name, folder in zip(others, families, strict=True)}
    given = weights_key(MODELS / FAMILY, MODELS / "completion"), data_key()
    paints = key_of([code_key("benchmarks.painting.sets"), *given])
    rules = key_of([paints, code_key("benchmarks.painting.measures")])
    judge, recogniser = given_or_told(load_judge, progress), given_or_told(load_recogniser, progress)
    return Bench(
        ways(model, load_completion(), others),
        digests,
        measures(judge, recogniser),
        Kept("quality", paints),
        Kept("quality", rules),
        progress,
    )


def weights_key(*folders: Path) -> str:
    """Of all weight files in folders."""
    return file_key(*(file for folder in folders for file in sorted(folder.rglob("*.safetensors"))))


def data_key() -> str:
    """Of the drawings by people, and of the icons that the studio paints where they were fetched."""
    return file_key(shared_data() / TRIED, shared_data() / TAUGHT, cache_folder() / "icons.json")


def costs(model: BaseModel, quick: bool, seed: int, progress: Progress) -> list[Figure]:
    """Seconds to load and to paint, and the size of the weights."""
    loads = [_load_s() for _ in range(LOADS)]
    figures = [
        interval("load_s", loads, "s", of=statistics.median, seed=seed),
        exact("set_mib", _mebibytes(), "MiB"),
    ]
    tasks = [whole(number) for number in range(1 + (QUICK_TIMED if quick else TIMED))]
    figures.append(_timed("steps20_s", model, tasks, seed, progress))
    if model.quick_steps:
        figures.append(_timed("student_s", model, [task.hurried() for task in tasks], seed, progress))
    return figures


def _timed(name: str, model: BaseModel, tasks: Sequence[Task], seed: int, progress: Progress) -> Figure:
    """Median seconds of a painting of 256 x 256; the first task only warms up."""
    times: list[float] = []
    for task in tasks:
        started = time.perf_counter()
        painted(model, task)
        times.append(time.perf_counter() - started)
    progress(f"{len(times) - 1} paintings timed: {name}")
    return interval(name, times[1:], "s", of=statistics.median, seed=seed)


def words_figures(results: Sequence[Image8], quick: bool, seed: int, progress: Progress) -> list[Figure]:
    """What the family's own CLIP says.

    Raises:
        MissingWeights: the family has no image encoder, or the `bench` extra is not installed.
    """
    clip = load_clip(FAMILY)
    progress("captions are looked for among pictures")
    return clip_figures(clip, results, seed, choices=10 if quick else CHOICES)


def vae_figure(model: BaseModel, true: Sequence[Image8], seed: int) -> Figure:
    """Peak signal to noise ratio of pictures through the autoencoder and back."""
    values: list[float] = []
    for picture in true:
        plane = torch.as_tensor(picture).permute(2, 0, 1)[None].float() / 255
        error = (model.decode(model.encode(plane * 2 - 1)) - plane).square().mean()
        values.append(-10 * math.log10(float(error)))
    return interval("vae_psnr_db", values, "dB", seed=seed)


def _load_s() -> float:
    """Seconds of a fresh process that imports the family's code and loads it."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", LOAD], check=True, cwd=REPO)
    return time.perf_counter() - started


def _mebibytes() -> float:
    """Size of the shipped weights."""
    folder = MODELS / FAMILY
    return sum(file.stat().st_size for file in folder.rglob("*.safetensors")) / 2**20
