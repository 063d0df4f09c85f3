# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a capture holds Krita's main thread: picture, mask and three stroke layers, all slices together.

Runs in a real Krita on a screen of its own. `png_..._ms` is what encoding the merged picture alone as PNG
takes there, which is how other plugins send it. `ui_..._busy_ms` leaves out the time in which another program
had the processor, so it hardly depends on what else the machine does.

`ui_2048_painted_..._ms` is the same with two earlier paintings between picture and strokes, so that what lies
below the strokes has to be composed; `..._slice_ms` is the longest time without a turn of the event loop.
`paste_2048_ms` is what pasting a result of that size takes, most of it waiting for Krita's own threads, and
`paste_2048_busy_ms` the main thread's part of it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.form import Figure, Progress, percentile, timing
from benchmarks.programs.krita_session import REPO, KritaSession
from installer.krita import install_plugin, named_place

EDGES_PX = (1024, 2048)
SAMPLES, QUICK_SAMPLES = 200, 30
WARM_UP = 3
PAINTED = 2
PASTED = 20
INSIDE = (Path(__file__).parent / "programs" / "capture_inside.py").read_text()


def run(quick: bool, seed: int, progress: Progress) -> list[Figure]:
    """Measure; without Krita there is nothing to give.

    Raises:
        Refusal: Krita or a program that drives it is missing.
    """
    figures: list[Figure] = []
    samples = QUICK_SAMPLES if quick else SAMPLES
    progress("starting Krita")
    with (
        tempfile.TemporaryDirectory(prefix="ud-bench-") as folder,
        KritaSession(Path(folder), _install) as krita,
    ):
        krita.run(INSIDE)
        for edge in EDGES_PX:
            progress(f"{samples} captures of {edge} x {edge}")
            clock, busy, _ = _times(krita, edge, seed, samples, painted=0)
            figures += _figures(edge, clock)
            figures.append(timing(f"ui_{edge}_busy_ms", busy))
            png: list[float] = krita.call("png_times", 5, timeout_s=120)
            figures.append(timing(f"png_{edge}_ms", png))
        edge = EDGES_PX[-1]
        progress(f"{samples} captures of {edge} x {edge} over {PAINTED} paintings")
        clock, _, slices = _times(krita, edge, seed, samples, painted=PAINTED)
        figures.append(timing(f"ui_{edge}_painted_ms", clock))
        figures.append(timing(f"ui_{edge}_painted_slice_ms", slices))
        progress(f"{PASTED} pasted layers of {edge} x {edge}")
        pasted = [krita.call("paste_time", seed + n) for n in range(WARM_UP + PASTED)][WARM_UP:]
        figures.append(timing(f"paste_{edge}_ms", [clock for clock, _ in pasted]))
        figures.append(timing(f"paste_{edge}_busy_ms", [busy for _, busy in pasted]))
    return figures


def _times(
    krita: KritaSession, edge: int, seed: int, samples: int, *, painted: int
) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of every capture: on the clock, of the thread itself, and its longest slice."""
    surfaces = krita.call("prepare", edge, seed, painted)
    if sorted(surfaces) != ["colours", "contour", "detail", "image", "mask"]:
        raise RuntimeError(f"the capture would read only {surfaces}")
    times: list[list[float]] = krita.call("capture_times", WARM_UP + samples, timeout_s=300)
    clock, busy, slices = zip(*times[WARM_UP:], strict=True)
    return list(clock), list(busy), list(slices)


def _figures(edge: int, times: Sequence[float]) -> list[Figure]:
    found = [timing(f"ui_{edge}_ms", times)]
    if edge == EDGES_PX[-1]:
        ordered = sorted(times)
        worst = percentile(ordered, 99)
        found.append(
            Figure(f"ui_{edge}_p99_ms", worst, percentile(ordered, 95), ordered[-1], "ms", len(times))
        )
    return found


def _install(resources: Path, home: Path) -> None:
    install_plugin(named_place(resources), REPO, Path(sys.prefix), home)
