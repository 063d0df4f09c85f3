# SPDX-License-Identifier: GPL-3.0-or-later
"""The representative steps of a family: the few of its way from noise to picture that differ from each other.

Pictures are painted without words; each step's features are compared with every other's, clustered, and each
cluster's middle step is taken. What was found is kept per weights, so that it is looked for once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from backend.acts.line_style.clusters import (
    Curves,
    Floats,
    chosen_count,
    clustered,
    curves_of,
    elbow_of,
    representative,
    scores_of,
)
from backend.acts.line_style.features import Check, whole_context
from backend.adapters.attached import attached
from backend.adapters.feature_capture import FeatureCapture
from backend.home import caches_dir
from backend.weights.files.catalogue import read_catalogue
from backend.weights.runtime.base_model import BaseModel
from backend.weights.runtime.schedule import position_noise

FILE = "line_steps.json"
"""Beside a shipped family's weights; others' are in the cache."""

QUICK_IMAGES = 16
"""Pictures that are painted when a learning finds no choice made before."""

FINGERPRINT_VALUES = 64


@dataclass(frozen=True)
class Choice:
    """What was found for a family's weights.

    Args:
        fingerprint: Of its UNet.
        timesteps: Representative ones, from noise to picture.
        all: Every timestep that it passes through, in the same order.
        labels: Cluster of each of these in the first picture.
        scores: (steps, 2), the first picture's first two principal components.
        elbow: Where the within-cluster sum bends; the silhouette may have moved the choice.
        images: How many pictures were looked at.
    """

    fingerprint: str
    timesteps: tuple[int, ...]
    all: tuple[int, ...]
    labels: tuple[int, ...]
    scores: tuple[tuple[float, float], ...]
    curves: Curves
    elbow: int
    images: int

    def to_json(self) -> str:
        """One object on one line."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Choice:
        """What `to_json` gave.

        Raises:
            ValueError, KeyError, TypeError: it is something else.
        """
        values: dict[str, Any] = json.loads(text)
        curves = Curves(*(tuple(values["curves"][name]) for name in ("counts", "within", "silhouette")))
        timesteps, passed, labels = (tuple(map(int, values[name])) for name in ("timesteps", "all", "labels"))
        scores = tuple((float(x), float(y)) for x, y in values["scores"])
        numbers = int(values["elbow"]), int(values["images"])
        return cls(str(values["fingerprint"]), timesteps, passed, labels, scores, curves, *numbers)


def steps_for(model: BaseModel, family: str, check: Check, images: int = QUICK_IMAGES) -> Choice:
    """The choice for a family: the one shipped with it, else the one made before, else a new one, kept."""
    fingerprint = fingerprint_of(model)
    for path in (_shipped(family), _cached(fingerprint)):
        choice = _read(path)
        if choice and choice.fingerprint == fingerprint and choice.all == _all(model):
            return choice
    choice = analysed(model, images, check)
    _keep(choice, _cached(fingerprint))
    return choice


def run_steps(
    family: str, images: int, plot: Path | None, echo: Callable[[str], None], keep: Path | None = None
) -> Choice:
    """Analyse a family anew, print the choice, draw it, and keep it: `underdrawing style steps`.

    Args:
        family: Its id.
        images: Pictures to paint; the paper takes 1,000.
        plot: A PNG file to draw to.
        echo: Takes lines of text.
        keep: Where the choice is written too.

    Raises:
        BadRequest: there is no such family.
        MissingWeights: its files are not there.
    """
    from backend.acts.line_style.steps_plot import plotted
    from backend.weights.runtime.families import load_family

    model = load_family(family)
    choice = analysed(model, images, lambda: None)
    for path in (_cached(choice.fingerprint), *([keep] if keep else [])):
        _keep(choice, path)
    for line in described(choice):
        echo(line)
    if plot is not None:
        plotted(choice).save(plot)
        echo(f"Drawn to {plot}.")
    return choice


def analysed(model: BaseModel, images: int, check: Check) -> Choice:
    """Paint pictures without words and choose among their steps.

    Raises:
        ValueError: no pictures.

    Source: Yun et al. 2024, DiffSketch, section 4.1. Steps are those that the family usually takes, so that a
    sample's features can be kept while it is painted.
    """
    if images < 1:
        raise ValueError("without pictures there is nothing to compare")
    pictures = [scores_of(gram_of_picture(model, seed, check)) for seed in range(images)]
    curves = curves_of(pictures)
    count, all = chosen_count(curves), _all(model)
    labels = clustered(pictures[0], count)
    return Choice(
        fingerprint_of(model),
        tuple(all[k] for k in representative(pictures, count)),
        all,
        tuple(labels.tolist()),
        tuple((float(row[0]), float(row[1]) if len(row) > 1 else 0.0) for row in pictures[0]),
        curves,
        elbow_of(curves),
        images,
    )


def gram_of_picture(model: BaseModel, seed: int, check: Check) -> Floats:
    """(steps, steps): inner products, between the steps of one painting, of all the decoder's features."""
    edge = model.resolution // model.latent_factor
    x = position_noise(seed, model.latent_channels, edge, edge).to(model.device)
    context = whole_context(model, model.encode_prompt(""), None, (model.resolution, model.resolution))
    all, capture, rows = _all(model), FeatureCapture(), list[torch.Tensor]()
    with attached(model.unet, [capture]):
        for index, t in enumerate(all):
            check()
            output = model.denoise(x, t, context, 1.0)
            rows.append(torch.cat([each.flatten().cpu().half() for each in capture.take()]))
            x, _ = model.schedule.step(x, output, t, all[index + 1] if index + 1 < len(all) else None)
    return gram_of(rows)


def gram_of(rows: list[torch.Tensor]) -> Floats:
    """Inner products of feature vectors (numbers,), a part of the numbers at a time."""
    total, width = np.zeros((len(rows), len(rows))), 1 << 18
    for start in range(0, len(rows[0]), width):
        part = torch.stack([row[start : start + width] for row in rows]).float()
        total += (part @ part.T).double().numpy()
    return total


def described(choice: Choice) -> list[str]:
    """The choice in words."""
    curves = choice.curves
    lines = ["clusters  within  silhouette"]
    for count, within, silhouette in zip(curves.counts, curves.within, curves.silhouette, strict=True):
        mark = (
            "  <- chosen"
            if count == max(choice.labels) + 1
            else "  <- elbow"
            if count == choice.elbow
            else ""
        )
        lines.append(f"{count:8}  {within:6.3f}  {silhouette:10.3f}{mark}")
    steps = ", ".join(str(t) for t in choice.timesteps)
    return [
        *lines,
        f"{len(choice.timesteps)} of {len(choice.all)} steps, from {choice.images} pictures: {steps}",
    ]


def fingerprint_of(model: BaseModel) -> str:
    """Of a UNet's weights: names, shapes and some values of each, the same in any precision."""
    digest = hashlib.sha256()
    for name, weight in sorted(model.unet.state_dict().items()):
        digest.update(f"{name} {tuple(weight.shape)}".encode())
        flat = weight.detach().contiguous().flatten()
        chosen = flat[:: max(1, flat.numel() // FINGERPRINT_VALUES)][:FINGERPRINT_VALUES]
        digest.update(chosen.cpu().half().numpy().tobytes())
    return digest.hexdigest()[:16]


def _all(model: BaseModel) -> tuple[int, ...]:
    return tuple(model.schedule.timesteps(model.steps))


def _shipped(family: str) -> Path | None:
    known = read_catalogue().get(family)
    return known.folder / FILE if known else None


def _cached(fingerprint: str) -> Path:
    return caches_dir() / "line_steps" / f"{fingerprint}.json"


def _read(path: Path | None) -> Choice | None:
    """A choice that cannot be read is made anew."""
    try:
        return Choice.from_json(path.read_text(encoding="utf-8")) if path else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(choice: Choice, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(choice.to_json(), encoding="utf-8")
