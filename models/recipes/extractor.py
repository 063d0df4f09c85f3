# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""The general line extractor learns exact lines under everything that a camera adds to them."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.random import Generator
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid, max_pool2d

from backend.weights.files.small_networks import write_network
from backend.weights.runtime.line_extractor import EXTRACTOR
from models.networks.line_extractor import LineExtractor
from models.recipes import parallel
from models.recipes.checkpoint import restore_mean
from models.recipes.grids import picture_grid
from models.recipes.line_pictures import CONTOUR, IMAGE, KNOWN, LinePictures, Planes, crop
from models.recipes.loop import Plan, Training, best_device
from models.recipes.studio.camera import photographed
from models.recipes.vae import RESCAN_STEPS, to_signed

INK = slice(CONTOUR.start, KNOWN.start)
CROP_PX, BATCH = 192, 8
HELD_OUT = 128

INK_WEIGHT = 3.0
"""How much more a pixel of a line counts than one of bare paper, of which there are twenty times as many."""

RIM_WEIGHT = 0.4
"""How much a pixel beside a line counts: half a pixel to the left or right is no fault."""


def line_loss(logits: Tensor, ink: Tensor, known: Tensor) -> Tensor:
    """Compare drawn lines with true ones.

    Args:
        logits, ink: (B,2,H,W) contour and detail; ink in [0, 1].
        known: (B,1,H,W) in [0, 1], 0 where nobody can say whether there is a line.

    Returns:
        Cross-entropy of each kind and of both together (a line of the wrong kind is half a fault), and one
        minus the Dice coefficient, so that thin lines count as much as long ones.
    """
    both = ink.amax(1, keepdim=True)
    rim = (max_pool2d(both, 3, 1, 1) - both).clamp_min(0)
    weight = known * (1 + INK_WEIGHT * ink) * (1 - (1 - RIM_WEIGHT) * rim)
    kinds = (weight * binary_cross_entropy_with_logits(logits, ink, reduction="none")).mean()
    bare = logsigmoid(-logits).sum(1, keepdim=True)  # log of the chance that neither kind is there
    any_ink = torch.log(-torch.expm1(bare.clamp_max(-1e-6)))
    paired = -(both * any_ink + (1 - both) * bare)
    union = (known * (1 + INK_WEIGHT * both) * (1 - (1 - RIM_WEIGHT) * rim) * paired).mean()
    return kinds + union + 0.2 * (1 - dice(logits.sigmoid() * known, ink * known))


def dice(drawn: Tensor, ink: Tensor) -> Tensor:
    """Dice coefficient of two pictures of ink (B,2,H,W), over the batch: 1 where they agree."""
    shared, whole = (drawn * ink).sum(), drawn.square().sum() + ink.square().sum()
    return (2 * shared + 1) / (whole + 1)


class ExtractorRecipe:
    """Draw the lines of crops that a camera has taken.

    Args:
        extractor: trained in place.
        learnt: where pictures lie, or are just being rendered.
        shown: pictures of the held-out split.
        device: where to train.
        batch: crops per step and process.
        crop_px: their side.
    """

    def __init__(
        self,
        extractor: LineExtractor,
        learnt: LinePictures,
        shown: LinePictures,
        device: torch.device,
        batch: int = BATCH,
        crop_px: int = CROP_PX,
    ) -> None:
        self.extractor = extractor.to(device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.learnt, self.device, self.batch, self.crop_px = learnt, device, batch, crop_px
        self.pictures, self.shown = learnt.open(), shown.open()

    @property
    def networks(self) -> Mapping[str, nn.Module]:
        return {"extractor": self.extractor}

    def loss(self, step: int, progress: float) -> Tensor:
        if step % RESCAN_STEPS == 0:
            self.pictures = self.learnt.open()
        rng = np.random.default_rng(int(torch.randint(1 << 62, ()).item()))
        pictures, ink, known = self.crops(rng, self.pictures, self.batch)
        with torch.autocast(self.device.type, torch.bfloat16):
            logits = self.extractor(pictures)
        return line_loss(logits.float(), ink, known)

    def crops(self, rng: Generator, shards: list[Planes], count: int) -> tuple[Tensor, Tensor, Tensor]:
        """Pictures (B,3,h,w) in [-1, 1], their ink (B,2,h,w) and what is known (B,1,h,w), both in [0, 1]."""
        cut = [crop(rng, shards, self.crop_px) for _ in range(count)]
        taken = np.stack([photographed(rng, planes[IMAGE].transpose(1, 2, 0)) for planes in cut])
        pictures = to_signed(torch.from_numpy(taken).to(self.device).permute(0, 3, 1, 2))  # channels last
        truth = torch.from_numpy(np.stack(cut)).to(self.device).float() / 255
        return pictures, truth[:, INK], truth[:, KNOWN]

    @torch.no_grad()
    def agreement(self) -> float:
        """Dice coefficient of drawn and true ink over held-out pictures under a fixed camera."""
        pictures, ink, known = self.crops(np.random.default_rng(0), self.shown, HELD_OUT // 4)
        drawn = torch.cat([self.extractor(part).sigmoid() for part in pictures.split(8)])
        return dice(drawn * known, ink * known).item()

    def grid(self) -> Image.Image:
        """Held-out pictures, drawn lines (detail in red) and true ones."""
        pictures, ink, _ = self.crops(np.random.default_rng(1), self.shown, 12)
        drawn = self.extractor(pictures).sigmoid()
        columns = [[*three] for three in zip(pictures, _shown(drawn), _shown(ink), strict=True)]
        rows = [[one for column in columns[i : i + 4] for one in column] for i in range(0, 12, 4)]
        return picture_grid(rows)


def _shown(ink: Tensor) -> Tensor:
    """(B,3,H,W) in [-1, 1]: contour black, detail red on white."""
    contour, detail = ink.split(1, 1)
    bare = (1 - contour) * torch.cat([1 - 0.15 * detail, 1 - detail, 1 - detail], 1)
    return bare * 2 - 1


def train_extractor(
    root: Path,
    minutes: float,
    *,
    count: int,
    resume: bool,
    report: Callable[[str], None],
    workers: int = 1,
    batch: int = BATCH,
    crop_px: int = CROP_PX,
    to: Path | None = EXTRACTOR,
) -> None:
    """Render pictures with exact lines, learn from them, measure on held-out ones and write in fp16.

    Args:
        root: folder of the training; gets `line-pictures/`, `line-pictures-held/` and `extractor/`.
        count: pictures to render.
        workers: processes that render them.
        batch, crop_px: crops per step and process, and their side.
        to: where the extractor is written; None for nowhere.
    """
    learnt, shown = (
        LinePictures(root / "line-pictures"),
        LinePictures(root / "line-pictures-held", "held_out"),
    )
    if parallel.rank() == 0:
        shown.fill(HELD_OUT, report=report)
        learnt.fill(count, workers=workers, report=report)
    parallel.barrier()
    recipe = ExtractorRecipe(LineExtractor(), learnt, shown, best_device(), batch, crop_px)
    plan = Plan(minutes=minutes, lr=2e-3, warmup=60, average=0.99, log_every=20)
    training = Training(recipe, plan, root / "extractor", report)
    if resume:
        training.resume()
    training.run()
    with training.averaged():
        report(f"agreement {recipe.agreement():.3f} with held-out lines (Dice coefficient)")
    if to is not None and parallel.rank() == 0:
        export_extractor(root, to)


def export_extractor(root: Path, to: Path) -> None:
    """Write the averaged weights of the last checkpoint in fp16; the shipped ones also into the catalogue."""
    extractor = LineExtractor()
    restore_mean(extractor, "extractor", root / "extractor" / "checkpoint")
    write_network(extractor, to)
    if to.resolve() == EXTRACTOR:
        from models.recipes.export import write_catalogue  # diffusers takes seconds; only here

        write_catalogue()
