# SPDX-License-Identifier: GPL-3.0-or-later
"""The one form of every benchmark: figures with their spread, and the machine they were taken on."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import random
import shutil
import statistics
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from shared.version import VERSION

Progress = Callable[[str], None]
"""Tells the person who waits where the measurement stands; standard error only."""

BOOTSTRAP_DRAWS = 2000


@dataclass(frozen=True)
class Figure:
    """One measured number.

    Args:
        low, high: 95 % interval of `value`, or the 5th and 95th percentile of a timing.
        samples: How many measurements it rests on.
    """

    name: str
    value: float
    low: float
    high: float
    unit: str
    samples: int = 1


class Machine(TypedDict):
    cpu: str
    cores: int
    gpu: str | None
    torch: str | None


def timing(name: str, times: Sequence[float], unit: str = "ms") -> Figure:
    """Median of `times`, already in `unit`, with the 5th and 95th percentile."""
    ordered = _ordered(times)
    return Figure(
        name, statistics.median(ordered), percentile(ordered, 5), percentile(ordered, 95), unit, len(ordered)
    )


def interval(
    name: str,
    values: Sequence[float],
    unit: str = "",
    *,
    of: Callable[[Sequence[float]], float] = statistics.fmean,
    seed: int = 0,
) -> Figure:
    """`of` the values (mean, or median), with its 95 % bootstrap interval.

    Source: Efron, 1979, percentile bootstrap.
    """
    ordered = _ordered(values)
    dice = random.Random(seed)
    draws = sorted(of(dice.choices(ordered, k=len(ordered))) for _ in range(BOOTSTRAP_DRAWS))
    return Figure(name, of(ordered), percentile(draws, 2.5), percentile(draws, 97.5), unit, len(ordered))


def exact(name: str, value: float, unit: str) -> Figure:
    """A count that has no spread, such as bytes sent."""
    return Figure(name, value, value, value, unit)


def percentile(values: Sequence[float], percent: float) -> float:
    """Linear between the two nearest of the sorted values.

    Raises:
        ValueError: no values.
    """
    ordered = _ordered(values)
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def document(
    bench: str, figures: Sequence[Figure], seed: int, keys: Mapping[str, str] | None = None
) -> dict[str, object]:
    """The JSON object that `--json` prints; `samples` is the fewest behind any figure that has a spread.

    Args:
        keys: What the figures depend on, for benchmarks whose results are kept; told with the commit.
    """
    spread = [figure.samples for figure in figures if figure.samples > 1]
    return {
        "bench": bench,
        "version": VERSION,
        **({"commit": commit(), "keys": dict(keys)} if keys else {}),
        "machine": machine(),
        "seed": seed,
        "samples": min(spread, default=1),
        "results": [
            {"name": f.name, "value": f.value, "low": f.low, "high": f.high, "unit": f.unit} for f in figures
        ],
    }


def commit() -> str:
    """The short name of the commit that is checked out; empty outside a checkout."""
    return _first_line(["git", "-C", str(Path(__file__).parent), "rev-parse", "--short=10", "HEAD"]) or ""


def machine() -> Machine:
    return {
        "cpu": cpu_name(),
        "cores": os.cpu_count() or 1,
        "gpu": gpu_name(),
        "torch": package_version("torch"),
    }


def cpu_name() -> str:
    """The processor as its maker calls it, or the architecture where the system does not say."""
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    if platform.system() == "Darwin":
        return _first_line(["sysctl", "-n", "machdep.cpu.brand_string"]) or platform.machine()
    return platform.processor() or platform.machine()


def gpu_name() -> str | None:
    """The first graphics card that torch could use, without loading torch."""
    if nvidia := _first_line(["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]):
        return nvidia
    if amd := _first_line(["rocm_agent_enumerator", "-name"]):
        return amd
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        return cpu_name()
    return None


def package_version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _first_line(command: list[str]) -> str | None:
    if shutil.which(command[0]) is None:
        return None
    answer = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    lines = answer.stdout.strip().splitlines()
    return lines[0].strip() if answer.returncode == 0 and lines else None


def _ordered(values: Sequence[float]) -> list[float]:
    if not values:
        raise ValueError("no measurements")
    return sorted(values)
