# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false
# (diffusers states too narrow types, or none.)
"""What the exported family can do, on held-out pictures: other icons, other individuals, other seeds."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt  # pyright: ignore[reportMissingTypeStubs]
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.feature import canny

from models.networks.sketch_fusion import NEUTRAL_GREY, Strokes
from models.recipes.captions import token_ids
from models.recipes.export import EMBEDDED, load_painter
from models.recipes.family import paint_latents
from models.recipes.grids import lines_over, picture_grid
from models.recipes.latents import decode, encode
from models.recipes.loop import best_device
from models.recipes.studio_cache import COLOUR, CONTOUR, DETAIL, IMAGE, StudioCache
from models.recipes.vae import psnr_db, to_signed

Image8 = NDArray[np.uint8]
Marks = NDArray[np.bool_]
NEAR_PX, AROUND_PX = 3, 12
TOGETHER = 4


def result_edges(image: Image8) -> Marks:
    """Edges of a painted (H,W,3) picture, at the scale of drawn lines."""
    lightness: NDArray[np.float64] = rgb2lab(image)[..., 0] / 100
    return canny(lightness, sigma=1.5, low_threshold=0.04, high_threshold=0.1)


def _distance(marks: Marks) -> NDArray[np.float64]:
    if not marks.any():
        return np.full(marks.shape, np.inf)
    return np.asarray(distance_transform_edt(~marks), np.float64)


def boundary_f(drawn: Marks, other: Marks, edges: Marks) -> float:
    """Harmonic mean of how much of the drawn lines the edges follow, and how many edges there follow them.

    Args:
        drawn: (H,W) the lines that are judged.
        other: (H,W) lines of the other kind, whose edges are not held against these.
        edges: (H,W) edges of the result.

    Returns:
        F in [0, 1] at `NEAR_PX`; edges count within `AROUND_PX` of the drawn lines. NaN if nothing is drawn.
    """
    if not drawn.any():
        return math.nan
    to_drawn = _distance(drawn)
    judged = edges & (to_drawn <= AROUND_PX) & ~((_distance(other) <= NEAR_PX) & (to_drawn > NEAR_PX))
    if not judged.any():
        return 0.0
    recall = float((_distance(edges)[drawn] <= NEAR_PX).mean())
    precision = float((to_drawn[judged] <= NEAR_PX).mean())
    return 2 * precision * recall / max(precision + recall, 1e-9)


def stroke_delta_e(image: Image8, colours: Image8) -> float:
    """Median Delta E 2000 between colour strokes (H,W,4) and the picture under them; NaN without strokes."""
    under = colours[..., 3] > 127
    if not under.any():
        return math.nan
    wanted, got = rgb2lab(colours[under][:, :3][None]), rgb2lab(image[under][None])
    return float(np.median(deltaE_ciede2000(wanted, got)))


def interval(values: NDArray[np.float64], rng: np.random.Generator) -> tuple[float, float, float]:
    """Mean of the values that are not NaN, and its 95 % bootstrap interval."""
    known = values[~np.isnan(values)]
    means = known[rng.integers(len(known), size=(2000, len(known)))].mean(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(known.mean()), float(low), float(high)


def measure_family(root: Path, count: int, report: Callable[[str], None], folder: Path = EMBEDDED) -> None:
    """Repaint held-out pictures whole, from their strokes and captions; report figures, save a grid.

    Args:
        root: folder of the training, with `held_out/`; gets `measured.png`.
        count: pictures, at most those held out.
        report: gets one line per figure: name, mean, 95 % interval, unit, pictures that count.
        folder: the family.
    """
    device = best_device()
    vae, painter, tokenizer = load_painter(folder)
    for network in (vae, *painter.networks.values()):
        network.to(device, memory_format=torch.channels_last)
    held = StudioCache(root / "held_out").open()
    count = min(count, len(held))
    planes = np.stack([held.picture(i) for i in range(count)])
    captions = [caption for caption, _ in held.texts[:count]]
    true = to_signed(torch.from_numpy(planes[:, IMAGE])).to(device)
    rasters = torch.from_numpy(planes[:, 4:]).float() / 255
    colour = rasters[:, 2:6]
    colour[:, :3] = torch.where(colour[:, 3:] > 0, colour[:, :3], torch.tensor(NEUTRAL_GREY))
    ids, none = token_ids(tokenizer, captions), token_ids(tokenizer, [""])
    nothing = encode(vae, torch.zeros_like(true[:1]))
    made: list[torch.Tensor] = []
    for start in range(0, count, TOGETHER):
        part = slice(start, min(start + TOGETHER, count))
        drawn = Strokes(
            rasters[part, 0:1], rasters[part, 1:2], colour[part], torch.ones_like(rasters[part, :1])
        )
        drawn = Strokes(*(raster.to(device) for raster in vars(drawn).values()))
        with torch.autocast(device.type, torch.bfloat16):
            latents = paint_latents(
                painter,
                nothing.expand(len(ids[part]), -1, -1, -1),
                drawn,
                ids[part].to(device),
                none.expand(len(ids[part]), -1).to(device),
                seed=start,
            )
        made.append(decode(vae, latents).cpu())
    painted = torch.cat(made).clamp(-1, 1)
    images: Image8 = ((painted + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
    figures = _figures(images, planes)
    figures["vae_psnr"] = psnr_db(vae, true).double().cpu().numpy()
    rng = np.random.default_rng(0)
    units = {"vae_psnr": "dB", "stroke_delta_e": "", "contour_f3": "", "detail_f3": ""}
    for name, values in figures.items():
        mean, low, high = interval(values, rng)
        report(
            f"{name} {mean:.3f} [{low:.3f}, {high:.3f}] {units.get(name, '')} n={np.isfinite(values).sum()}"
        )
    rows = [
        [lines_over(rasters[i, 0:1], rasters[i, 1:2], colour[i]), painted[i], true[i].cpu()]
        for i in range(min(count, 24))
    ]
    picture_grid([[p for row in rows[i : i + 2] for p in row] for i in range(0, len(rows), 2)]).save(
        root / "measured.png"
    )


def _figures(images: Image8, planes: Image8) -> dict[str, NDArray[np.float64]]:
    """Figures per picture; those ending in `_true` are of the true picture: what is possible at best."""
    rows: dict[str, list[float]] = {}
    for image, plane in zip(images, planes, strict=True):
        contour, detail = plane[CONTOUR][0] > 127, plane[DETAIL][0] > 127
        colours = plane[COLOUR].transpose(1, 2, 0)
        for suffix, shown in (("", image), ("_true", plane[IMAGE].transpose(1, 2, 0))):
            edges = result_edges(shown)
            for name, value in (
                ("contour_f3", boundary_f(contour, detail, edges)),
                ("detail_f3", boundary_f(detail, contour, edges)),
                ("stroke_delta_e", stroke_delta_e(shown, colours)),
            ):
                rows.setdefault(name + suffix, []).append(value)
    return {name: np.array(values) for name, values in rows.items()}
