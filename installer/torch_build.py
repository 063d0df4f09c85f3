# SPDX-License-Identifier: GPL-3.0-or-later
"""Which build of torch suits this machine, and where it comes from.

A CPU machine must never be sent gigabytes of CUDA libraries, and a GPU must not lie idle under a CPU build.
Every source is first asked what it would install; only then is anything downloaded.
"""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from installer.pip import Pip, Planned
from installer.steps import Say
from shared.errors import Refusal

Build = Literal["cpu", "cuda", "rocm", "xpu", "mps"]
BUILDS: tuple[Build, ...] = ("cpu", "cuda", "rocm", "xpu", "mps")

INDEX = "https://download.pytorch.org/whl"
TESTED = "torch==2.13.0"
ANY = "torch>=2.6"
"""The tested release is asked for first; a source that lacks it may give another."""

CUDA_INDEXES = ((13.0, "cu130"), (12.8, "cu128"), (12.6, "cu126"), (11.8, "cu118"))
"""Newest CUDA that a driver must know, and the folder of torch builds for it."""

ROCM_INDEXES = ((7.1, "rocm7.1"), (7.0, "rocm7.0"), (6.4, "rocm6.4"), (6.3, "rocm6.3"), (6.2, "rocm6.2.4"))


@dataclass(frozen=True)
class Probes:
    """What is asked about the machine; tests answer in its place.

    Args:
        run: First arguments of a command; gives its output, or None where it is missing or fails.
        exists: Whether a path exists.
        read: A file's text, or "".
        reachable: Whether a web address answers.
    """

    system: str
    processor: str
    run: Callable[[Sequence[str]], str | None]
    exists: Callable[[str], bool]
    read: Callable[[str], str]
    reachable: Callable[[str], bool]


@dataclass(frozen=True)
class Source:
    """A place to install torch from: words for the person, and arguments for pip."""

    words: str
    arguments: tuple[str, ...]


def choose(probes: Probes) -> tuple[Build, str]:
    """The build for this machine and why."""
    if probes.system == "Darwin":
        return ("mps", "Apple GPU") if probes.processor == "arm64" else ("cpu", "Intel Mac")
    listing = probes.run(["nvidia-smi", "-L"])
    if listing and "GPU" in listing:
        return "cuda", re.sub(r"\s*\(UUID.*", "", listing.splitlines()[0])
    if probes.system == "Linux" and probes.exists("/dev/kfd"):
        if probes.exists("/opt/rocm") or "gfx" in (probes.run(["rocminfo"]) or ""):
            return "rocm", "AMD GPU with ROCm"
        return "cpu", "an AMD GPU is here, but ROCm is not installed"
    return "cpu", "no GPU found"


def sources(build: Build, probes: Probes) -> list[Source]:
    """Where to look for the build, best first.

    Raises:
        Refusal: `no_torch`, the driver is too old, or the system has no such build.
    """
    here = Source("pip's configured index", ())
    if build == "mps":
        return [here]
    if build == "cpu":
        return [here] if probes.system == "Darwin" else [*_online("cpu", "the CPU index", probes), here]
    if build == "xpu":
        return _online("xpu", "the Intel index", probes)
    if build == "rocm":
        if probes.system != "Linux":
            raise Refusal(
                "torch has ROCm builds for Linux only.",
                "Run: python3 install.py --torch cpu",
                code="no_torch",
            )
        known = _version(probes.read("/opt/rocm/.info/version"), r"(\d+\.\d+)") or 6.4
        folders = [folder for needed, folder in ROCM_INDEXES if needed <= known]
        return [one for folder in folders for one in _online(folder, f"the {folder} index", probes)]
    known = _version(probes.run(["nvidia-smi"]) or "", r"CUDA Version:\s*(\d+\.\d+)") or 12.8
    folders = [folder for needed, folder in CUDA_INDEXES if needed <= known]
    if not folders:
        raise Refusal(
            f"The NVIDIA driver knows CUDA {known} only; torch needs 11.8 or newer.",
            "Update the driver from nvidia.com, or paint on the CPU: python3 install.py --torch cpu",
            code="no_torch",
        )
    online = [one for folder in folders for one in _online(folder, f"the {folder} index", probes)]
    newest = known >= CUDA_INDEXES[0][0]
    return [*online, here] if probes.system == "Linux" and newest else online


def install(build: Build, pip: Pip, probes: Probes, say: Say) -> str:
    """Install torch from the first source that has the right build; words about it.

    Raises:
        Refusal: `no_torch`, no source has it; or what pip could not do.
    """
    answers: list[str] = []
    for source in sources(build, probes):
        for wanted in (TESTED, ANY):
            say(f"asking {source.words} for {wanted}")
            try:
                planned = pip.plan([*source.arguments, wanted])
            except Refusal as refusal:
                answers.append(f"{source.words}: {refusal.message}")
                continue
            version = next(one["version"] for one in planned if one["name"].lower() == "torch")
            if not suits(build, planned, probes.system):
                answers.append(f"{source.words}: torch {version} is another build.")
                continue
            pip.install([*source.arguments, f"torch=={version}"], say)
            return f"torch {version} for {build}"
    raise Refusal(
        f"No {build} build of torch could be found for Python {platform.python_version()} on this machine. "
        + " ".join(answers or ["The torch index could not be reached."]),
        "Check the network and run install.py again; another build is chosen with "
        f"--torch {{{','.join(BUILDS)}}}. (Log: {pip.log})",
        code="no_torch",
    )


def suits(build: Build, planned: Sequence[Planned], system: str) -> bool:
    """Whether what pip would install is the build that is wanted."""
    names = [one["name"].lower() for one in planned]
    torch = next((one["version"] for one in planned if one["name"].lower() == "torch"), None)
    if torch is None:
        return False
    has_cuda = any(name.startswith(("nvidia-", "cuda-")) for name in names) or "+cu" in torch
    if build == "cuda":
        return has_cuda or (system == "Windows" and "+cu" in torch)
    if build in ("rocm", "xpu"):
        return f"+{build}" in torch
    return not has_cuda and "+rocm" not in torch and "+xpu" not in torch


def this_machine(offline: bool) -> Probes:
    return Probes(
        system=platform.system(),
        processor=platform.machine(),
        run=_output,
        exists=lambda path: Path(path).exists(),
        read=lambda path: Path(path).read_text(errors="replace") if Path(path).is_file() else "",
        reachable=(lambda _: False) if offline else _reachable,
    )


def _online(folder: str, words: str, probes: Probes) -> list[Source]:
    address = f"{INDEX}/{folder}"
    return [Source(words, ("--index-url", address))] if probes.reachable(f"{address}/torch/") else []


def _reachable(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=8) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError, ValueError):
        return False


def _output(command: Sequence[str]) -> str | None:
    if shutil.which(command[0]) is None:
        return None
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout if answer.returncode == 0 else None


def _version(text: str, pattern: str) -> float | None:
    found = re.search(pattern, text)
    return float(found[1]) if found else None
