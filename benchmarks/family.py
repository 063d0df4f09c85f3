# SPDX-License-Identifier: GPL-3.0-or-later
"""Large models: how long it takes to look through a painter's folder, and to paint with them."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from backend import home
from backend.weights.downloads.model_folders import scan
from benchmarks import family_speed
from benchmarks import model_headers as made
from benchmarks.form import Figure, Progress, exact, timing

FILES = 100
SAMPLES, QUICK_SAMPLES = 40, 10
SHARE: tuple[tuple[int, str, Callable[[], made.Shapes]], ...] = (
    (13, "checkpoints", lambda: made.checkpoint("sd15")),
    (9, "checkpoints-xl", lambda: made.checkpoint("sdxl")),
    (1, "checkpoints", lambda: made.checkpoint("sd15", 9)),
    (22, "loras", lambda: made.kohya_lora("sd15")),
    (16, "loras-xl", lambda: made.kohya_lora("sdxl")),
    (4, "loras", lambda: made.peft_lora("sd15")),
    (10, "embeddings", lambda: {"emb_params": (8, 768)}),
    (3, "embeddings-xl", lambda: {"clip_l": (4, 768), "clip_g": (4, 1280)}),
    (4, "vae", lambda: dict(made.original_vae(made.vae()))),
    (4, "controlnet", lambda: made.controlnet("sd15")),
    (2, "controlnet", lambda: made.controlnet("sdxl")),
    (2, "adapters", lambda: made.adapter("full_adapter", 1)),
    (1, "adapters", lambda: made.adapter("full_adapter_xl", 3)),
    (1, "adapters", lambda: made.adapter("light_adapter", 3)),
    (1, "vae", made.tiny_vae),
)
"""How many files of each kind lie in the folder; the other seven have something wrong."""


def run(quick: bool, seed: int, progress: Progress) -> list[Figure]:
    """Every figure of this benchmark that this machine can give."""
    figures = scanning(QUICK_SAMPLES if quick else SAMPLES, seed, progress)
    return figures + family_speed.run(quick, seed, progress)


def scanning(samples: int, seed: int, progress: Progress) -> list[Figure]:
    """A folder of a hundred files, looked through without and with what is remembered of it."""
    with tempfile.TemporaryDirectory(prefix="underdrawing-bench-") as place:
        folder = Path(place, "models")
        progress("writing the headers of a hundred models")
        tensors = write_folder(folder, seed)
        before = os.environ.get(home.HOME_VARIABLE)
        os.environ[home.HOME_VARIABLE] = place
        try:
            progress(f"scanning {samples} times")
            cold = list(_cold(folder, Path(place, "caches"), samples))
            warm = [_timed(folder)[0] for _ in range(samples)]
        finally:
            os.environ.pop(home.HOME_VARIABLE)
            if before is not None:
                os.environ[home.HOME_VARIABLE] = before
    return [
        timing("scan_100_files_ms", [wall for wall, _ in cold]),
        timing("scan_100_files_cpu_ms", [cpu for _, cpu in cold]),
        timing("scan_100_files_again_ms", warm),
        exact("scan_100_files_tensors", tensors, ""),
    ]


def write_folder(folder: Path, seed: int) -> int:
    """A hundred models as sparse files, seven of them damaged or under a wrong name.

    Returns:
        How many tensors their headers list.
    """
    dice = random.Random(seed)
    tensors = 0
    sound: list[Path] = []
    for count, kind, shapes in SHARE:
        for _ in range(count):
            path = folder / kind / f"{dice.randrange(16**8):08x}.safetensors"
            sound.append(made.write_header(path, shapes()))
            tensors += len(shapes())
    for path in dice.sample([path for path in sound if "loras" in str(path)], 2):
        os.truncate(path, path.stat().st_size // 2)
    odd = folder / "odd"
    odd.mkdir()
    (odd / "page.safetensors").write_bytes(b"<!DOCTYPE html>")
    (odd / "renamed.safetensors").write_bytes(b"PK\x03\x04" + bytes(5000))
    (odd / "empty.safetensors").write_bytes(b"")
    (odd / "old.ckpt").write_bytes(b"PK\x03\x04")
    (odd / "word.pt").write_bytes(b"\x80\x02")
    made.write_header(odd / "video.safetensors", {"blocks.0.cross_attn.k.weight": (1536, 1536)})
    (odd / "half.gguf").write_bytes(b"GGUF")
    return tensors + 1


def _cold(folder: Path, caches: Path, samples: int) -> Iterator[tuple[float, float]]:
    """Milliseconds each time with nothing remembered; the system may have read the files before."""
    for _ in range(samples):
        (caches / "models.json").unlink(missing_ok=True)
        yield _timed(folder)


def _timed(folder: Path) -> tuple[float, float]:
    """Milliseconds by the clock, and of this process on a processor: others may have had it in between."""
    clock, processor = time.perf_counter(), time.process_time()
    found = scan([folder])
    took = (time.perf_counter() - clock) * 1000, (time.process_time() - processor) * 1000
    if len(found) != FILES:
        raise RuntimeError(f"{len(found)} of {FILES} files were found")
    return took
