# SPDX-License-Identifier: GPL-3.0-or-later
"""How soon Live answers a stroke.

`stroke_to_preview_...` is taken in a real Krita on a screen of its own: from the lifted pen until the preview
is on the canvas, with its parts: `capture`, reading what changed; `wire`, to the backend and back; `network`,
the worker's act; `write`. `ui_per_stroke_ms` is what all of it takes of Krita's own thread. Strokes that left
no ink are counted, and steps of undo beyond the strokes.

`socket_...` is the same without Krita: from the stroke's bytes to the preview's bytes, of which `act_...` is
spent in the worker. The region is half as wide as the canvas.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.form import Figure, Progress, exact, timing
from benchmarks.programs.live_client import Answer, Engine, artist
from benchmarks.programs.live_krita import Drawn, draw, krita_with
from shared.errors import Refusal

EDGES_PX = (1024, 2048)
SAMPLES, QUICK_SAMPLES = 40, 8
STUDENT_SAMPLES, QUICK_STUDENT_SAMPLES = 20, 3
WARM_UP = 3
PARTS = ("capture_ms", "wire_ms", "network_ms", "write_ms")


def run(quick: bool, seed: int, progress: Progress) -> list[Figure]:
    samples = QUICK_SAMPLES if quick else SAMPLES
    few = QUICK_STUDENT_SAMPLES if quick else STUDENT_SAMPLES
    with tempfile.TemporaryDirectory(prefix="ud-bench-") as folder:
        home = Path(folder)
        prepare(home, progress)
        try:
            figures = in_krita(home, samples, few, seed, progress)
        except Refusal as refusal:
            figures = []
            progress(f"{refusal.message} {refusal.remedy}")
        for edge in EDGES_PX:
            progress(f"{samples} strokes on {edge} x {edge} over the socket")
            figures += over_the_socket(str(edge), answers(home, edge, seed, "instant", samples))
        progress(f"{few} strokes answered by the student over the socket")
        return figures + over_the_socket("student", answers(home, EDGES_PX[0], seed, "full", few))


def prepare(home: Path, progress: Progress) -> None:
    """Where the completion network does not ship, one without training takes as long."""
    from backend.weights.files.small_networks import write_network
    from backend.weights.runtime.completion import COMPLETION
    from models.networks.completion import CompletionNet

    if not COMPLETION.exists():
        progress("there are no weights of the completion network: one without training takes its place")
        write_network(CompletionNet(), home / "weights" / COMPLETION.name)


def in_krita(home: Path, samples: int, few: int, seed: int, progress: Progress) -> list[Figure]:
    """
    Raises:
        Refusal: Krita or a program that drives it is missing.
    """
    progress("starting Krita")
    sessions: list[Drawn] = []
    figures: list[Figure] = []
    with krita_with(home / "krita", home) as krita:
        for name, edge, strokes, engine in (
            *((str(edge), edge, samples, "instant") for edge in EDGES_PX),
            ("student", EDGES_PX[0], few, "quick"),
        ):
            progress(f"{strokes} strokes on {edge} x {edge} in Krita ({name})")
            sessions.append(draw(krita, edge, strokes, region=edge // 2, engine=engine, seed=seed))
            figures += on_the_canvas(name, sessions[-1].timings)
    return [*figures, *own_thread(sessions)]


def on_the_canvas(name: str, timings: Sequence[dict[str, float]]) -> list[Figure]:
    """From pen to canvas, and its parts; a session without an answered stroke gives none."""
    if not timings:
        return []
    parts = [timing(f"{part[:-3]}_{name}_ms", [one[part] for one in timings]) for part in PARTS]
    return [timing(f"stroke_to_preview_{name}_ms", [one["total_ms"] for one in timings]), *parts]


def own_thread(sessions: Sequence[Drawn]) -> list[Figure]:
    """What all sessions did to Krita."""
    busy = [one["ui_ms"] for session in sessions for one in session.timings]
    return [
        *([timing("ui_per_stroke_ms", busy)] if busy else []),
        exact("strokes_lost", sum(session.lost for session in sessions), "strokes"),
        exact("undo_extra", sum(session.extra for session in sessions), "steps"),
    ]


def answers(home: Path, canvas_px: int, seed: int, engine: Engine, samples: int) -> list[Answer]:
    """What so many strokes took, after a few to get warm."""
    with artist(home, canvas_px, seed, engine) as drawing:
        return [drawing.stroke() for _ in range(WARM_UP + samples)][WARM_UP:]


def over_the_socket(name: str, taken: Sequence[Answer]) -> list[Figure]:
    return [
        timing(f"socket_{name}_ms", [answer.total_ms for answer in taken]),
        timing(f"act_{name}_ms", [answer.act_ms for answer in taken]),
        timing(f"sent_{name}_bytes", [float(answer.sent_bytes) for answer in taken], "bytes"),
        timing(f"got_{name}_bytes", [float(answer.got_bytes) for answer in taken], "bytes"),
    ]
