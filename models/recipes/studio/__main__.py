# SPDX-License-Identifier: GPL-3.0-or-later
"""Contact sheets: python -m models.recipes.studio --count 48 --out sheet.png, or --sheet styles FILE.png"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

from PIL import Image

from models.recipes.studio import render
from models.recipes.studio.clipart import fetch_clipart
from models.recipes.studio.hand_measures import hands_table
from models.recipes.studio.icons import fetch
from models.recipes.studio.sheets import SHEETS, sample_sheet, subjects_table


def main() -> None:
    """Render one of the sheets, or pairs (picture, overlay) with their captions and speed."""
    chosen = _parser().parse_args()
    if chosen.fetch:
        print(fetch())
    if chosen.fetch_clipart:
        print(_clipart())
    if chosen.subjects:
        print(subjects_table())
    elif chosen.measure_hands:
        print(hands_table(chosen.measure_hands))
    elif chosen.sheet:
        kind, path = chosen.sheet
        if kind not in SHEETS:
            sys.exit(f"No sheet is called {kind}. Choose one of {', '.join(SHEETS)}.")
        _write_sheet(kind, Path(path), chosen.seed, chosen.size)
    elif not chosen.fetch_clipart:
        _write_samples(chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fetch", action="store_true", help="fetch the icons first (needs npm)")
    parser.add_argument(
        "--fetch-clipart", action="store_true", help="fetch Debian's openclipart-svg (needs apt-get and dpkg)"
    )
    parser.add_argument("--subjects", action="store_true", help="list every subject's attributes")
    parser.add_argument(
        "--measure-hands", type=Path, metavar="NDJSON", help="compare the studio's hands with people's drawings"
    )
    parser.add_argument("--sheet", nargs=2, metavar=("KIND", "FILE"), help=f"one of {', '.join(SHEETS)}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=48)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--columns", type=int, default=4)
    parser.add_argument("--split", choices=("train", "held_out"), default="train")
    parser.add_argument("--category", default="")
    parser.add_argument("--out", default="sheet.png")
    return parser


def _clipart() -> str:
    try:
        return str(fetch_clipart())
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        return f"No clip art: {error}. The studio goes on without it; it needs Debian's apt-get and dpkg."


def _write_sheet(kind: str, path: Path, seed: int, size: int) -> None:
    try:
        Image.fromarray(SHEETS[kind](seed, size)).save(path)
    except LookupError as missing:
        sys.exit(str(missing))


def _write_samples(chosen: argparse.Namespace) -> None:
    started = time.perf_counter()
    seeds = range(chosen.seed, chosen.seed + chosen.count)
    samples = [render(seed, chosen.size, chosen.split, category=chosen.category) for seed in seeds]
    spent_ms = (time.perf_counter() - started) * 1000 / chosen.count
    Image.fromarray(sample_sheet(samples, chosen.columns)).save(chosen.out)
    for seed, sample in zip(seeds, samples, strict=True):
        print(seed, sample.caption)
    print(f"{spent_ms:.1f} ms per sample")


if __name__ == "__main__":
    main()
