# SPDX-License-Identifier: GPL-3.0-or-later
"""What each figure of each benchmark is measured against."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """A bound that a figure is to keep; `text` is how a person reads it ("at most 10").

    Attributes:
        beyond: A gain is one only where the whole interval keeps the bound.
    """

    text: str
    met: Callable[[float], bool]
    beyond: bool = False

    def kept_by(self, value: float, low: float) -> bool:
        """Whether a figure, whose interval begins at `low`, keeps it."""
        return self.met(low if self.beyond else value)


def at_most(bound: float) -> Goal:
    return Goal(f"at most {bound:,g}", lambda value: operator.le(value, bound))


def at_least(bound: float) -> Goal:
    return Goal(f"at least {bound:,g}", lambda value: operator.ge(value, bound))


def above(bound: float) -> Goal:
    """With the whole interval."""
    return Goal(f"above {bound:,g}", lambda value: operator.gt(value, bound), beyond=True)


def between(low: float, high: float) -> Goal:
    return Goal(f"{low:,g} to {high:,g}", lambda value: low <= value <= high)


LINE_WAYS = ("ours", "finetune", "one_step", "canny")
"""Ways to draw in a line that is known from one example."""

GOALS: dict[str, dict[str, Goal | None]] = {
    "wire": {
        "roundtrip_2048_ms": None,
        "roundtrip_2048_over_copy": at_most(10),
        "stroke_256_ms": at_most(5),
        "stroke_256_bytes": at_most(300_000),
    },
    "capture": {
        "ui_1024_ms": at_most(4),
        "ui_2048_ms": at_most(12),
        "ui_2048_p99_ms": at_most(16),
        "ui_2048_painted_slice_ms": at_most(16),
        "paste_2048_busy_ms": at_most(16),
    },
    "live": {
        "stroke_to_preview_1024_ms": at_most(150),
        "stroke_to_preview_2048_ms": at_most(250),
        "stroke_to_preview_student_ms": at_most(1200),
        "ui_per_stroke_ms": at_most(8),
        "strokes_lost": at_most(0),
        "undo_extra": at_most(0),
    },
    "quality": {
        "perceptual": None,
        "perceptual_over_flat": above(0),
        "perceptual_over_instant": above(0),
        "perceptual_512_over_flat": above(0),
        "perceptual_512_over_instant": above(0),
        "perceptual_1024_over_flat": above(0),
        "perceptual_1024_over_instant": above(0),
        "category": at_least(0.90),
        "category_512": at_least(0.90),
        "category_1024": at_least(0.90),
        "no_dabs_category": at_least(0.85),
        "words_only_category": at_least(0.80),
        "doodle_recognised": at_least(0.85),
        "doodle_recognised_instant": at_least(0.85),
        "no_dabs_doodle_recognised": at_least(0.85),
        "stroke_alone_kept": at_least(0.9),
        "outside_lines_changed_bytes": at_most(0),
        "grain_ratio": between(0.7, 1.3),
        "seam_ratio": at_most(1.10),
        "outside_changed_bytes": at_most(0),
        "contour_f3": at_least(0.90),
        "detail_f3": at_least(0.80),
        "contour_f3_by_hand": at_least(0.75),
        "stroke_delta_e": at_most(5),
        "vae_psnr_db": at_least(32),
        "clip_top1_of_100": at_least(0.80),
        "kid_x1000": None,
        "student_s": at_most(0.7),
        "steps20_s": at_most(4),
        "load_s": at_most(6),
        "set_mib": at_most(80),
    },
    "complete": {
        "psnr": None,
        "ssim": None,
        "lpips": None,
        "chamfer_px": None,
        "f3": None,
        "delta_e": None,
        "seam_ratio": None,
        "network_256_ms": at_most(80),
        "copy_paste_wins_of_10": at_least(9),
    },
    "fill": {
        "fill_perceptual_studio": None,
        "fill_perceptual_photos": None,
        "fill_beaten_of_4": at_least(4),
        "fill_256_in_1024_s": at_most(6),
    },
    "family": {
        "scan_100_files_ms": at_most(300),
        "act_over_pipeline": at_most(1.10),
        "sd15_peak_gib": None,
        "sd15_512_20_s": None,
        "sd15_live_4_ms": None,
        "sdxl_peak_gib": None,
        "sdxl_1024_20_s": None,
    },
    "extract": {
        **{f"{metric}_{way}": None for metric in ("f2", "ssim", "lpips") for way in LINE_WAYS},
        "wins_of_8": at_least(6),
        "distilled_f_kept": at_least(0.97),
        "distilled_1024_s": at_most(1.0),
        "distilled_over_4m3": at_most(0.33),
        "learn_minutes": at_most(10),
        "bsds_ods": at_least(0.70),
    },
    "paint": {"act_over_loop": at_most(1.10), "cold_first_s": at_most(15), "peak_rss_mib": at_most(1500)},
}
"""The figures each benchmark owes, and their goals; None where there is no goal. It may give more."""
