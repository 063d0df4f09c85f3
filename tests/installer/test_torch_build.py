# SPDX-License-Identifier: GPL-3.0-or-later
"""The right torch for every machine, and never gigabytes of CUDA for one without a GPU."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest

from installer import torch_build
from installer.pip import Pip, Planned
from installer.torch_build import Build, Probes, choose, install, sources, suits
from shared.errors import Refusal

SMI = "| NVIDIA-SMI 570.1  Driver Version: 570.1  CUDA Version: {} |"


def _machine(
    system: str = "Linux",
    processor: str = "x86_64",
    commands: dict[str, str] | None = None,
    paths: tuple[str, ...] = (),
    files: dict[str, str] | None = None,
    online: bool = True,
) -> Probes:
    answers = commands or {}
    return Probes(
        system=system,
        processor=processor,
        run=lambda command: answers.get(" ".join(command)),
        exists=lambda path: path in paths,
        read=lambda path: (files or {}).get(path, ""),
        reachable=lambda _: online,
    )


NEWEST = {"nvidia-smi": SMI.format("13.1")}
ROCM_64 = {"/opt/rocm/.info/version": "6.4.1-83"}
NVIDIA = {"nvidia-smi -L": "GPU 0: NVIDIA RTX 4070 (UUID: GPU-1)\n", "nvidia-smi": SMI.format("12.8")}


@pytest.mark.parametrize(
    ("machine", "build", "why"),
    [
        (_machine(), "cpu", "no GPU found"),
        (_machine(commands=NVIDIA), "cuda", "GPU 0: NVIDIA RTX 4070"),
        (_machine("Windows", commands=NVIDIA), "cuda", "GPU 0: NVIDIA RTX 4070"),
        (_machine(commands={"nvidia-smi -L": "No devices found"}), "cpu", "no GPU found"),
        (_machine(paths=("/dev/kfd", "/opt/rocm")), "rocm", "AMD GPU with ROCm"),
        (_machine(commands={"rocminfo": "Name: gfx1100"}, paths=("/dev/kfd",)), "rocm", "AMD GPU with ROCm"),
        (_machine(paths=("/dev/kfd",)), "cpu", "an AMD GPU is here, but ROCm is not installed"),
        (_machine("Darwin", "arm64"), "mps", "Apple GPU"),
        (_machine("Darwin", "x86_64"), "cpu", "Intel Mac"),
    ],
)
def test_the_build_fits_the_machine(machine: Probes, build: str, why: str) -> None:
    assert choose(machine) == (build, why)


def _folders(build: Build, machine: Probes) -> list[str]:
    return [
        source.arguments[1].rsplit("/", 1)[1] if source.arguments else "pip"
        for source in sources(build, machine)
    ]


@pytest.mark.parametrize(
    ("build", "machine", "folders"),
    [
        ("cpu", _machine(), ["cpu", "pip"]),
        ("cpu", _machine(online=False), ["pip"]),
        ("cpu", _machine("Darwin"), ["pip"]),
        ("mps", _machine("Darwin", "arm64"), ["pip"]),
        ("cuda", _machine(commands=NVIDIA), ["cu128", "cu126", "cu118"]),
        (
            "cuda",
            _machine(commands=NEWEST),
            ["cu130", "cu128", "cu126", "cu118", "pip"],
        ),
        ("cuda", _machine("Windows", commands={"nvidia-smi": SMI.format("12.6")}), ["cu126", "cu118"]),
        (
            "rocm",
            _machine(files=ROCM_64),
            ["rocm6.4", "rocm6.3", "rocm6.2.4"],
        ),
        ("xpu", _machine(), ["xpu"]),
        ("xpu", _machine(online=False), []),
    ],
)
def test_sources_stand_in_order(build: Build, machine: Probes, folders: list[str]) -> None:
    assert _folders(build, machine) == folders


def test_a_driver_that_is_too_old_is_refused_with_both_ways_out() -> None:
    with pytest.raises(Refusal, match=r"CUDA 11\.4 only.*--torch cpu"):
        sources("cuda", _machine(commands={"nvidia-smi": SMI.format("11.4")}))


def test_rocm_on_windows_is_refused() -> None:
    with pytest.raises(Refusal, match="Linux only"):
        sources("rocm", _machine("Windows"))


def _plan(torch: str, *others: str) -> list[Planned]:
    return [{"name": "torch", "version": torch}, *({"name": name, "version": "1"} for name in others)]


@pytest.mark.parametrize(
    ("build", "planned", "fits"),
    [
        ("cpu", _plan("2.13.0+cpu", "sympy"), True),
        ("cpu", _plan("2.13.0", "sympy"), True),
        ("cpu", _plan("2.13.0", "nvidia-cublas-cu12"), False),
        ("cpu", _plan("2.13.0", "nvidia-cublas"), False),
        ("cpu", _plan("2.13.0", "cuda-bindings"), False),
        ("cpu", _plan("2.9.1+rocm6.4"), False),
        ("cpu", [], False),
        ("mps", _plan("2.13.0"), True),
        ("cuda", _plan("2.13.0", "nvidia-cudnn-cu13"), True),
        ("cuda", _plan("2.9.1+cu128"), True),
        ("cuda", _plan("2.13.0+cpu"), False),
        ("rocm", _plan("2.9.1+rocm6.4"), True),
        ("rocm", _plan("2.13.0"), False),
        ("xpu", _plan("2.9.1+xpu"), True),
    ],
)
def test_a_plan_is_judged_by_what_would_come(build: Build, planned: list[Planned], fits: bool) -> None:
    assert suits(build, planned, "Linux") == fits


@dataclasses.dataclass(frozen=True)
class ScriptedPip(Pip):
    """Plans from a table instead of a network, and remembers what was installed."""

    plans: dict[str, list[Planned]] = dataclasses.field(default_factory=dict[str, list[Planned]])
    installed: list[Sequence[str]] = dataclasses.field(default_factory=list[Sequence[str]])

    def plan(self, arguments: Sequence[str]) -> list[Planned]:
        key = " ".join(arguments)
        if key not in self.plans:
            raise Refusal("A package has no version for this Python.", "Use another.")
        return self.plans[key]

    def install(self, arguments: Sequence[str], say: object) -> None:
        self.installed.append(arguments)


def _pip(plans: dict[str, list[Planned]]) -> ScriptedPip:
    return ScriptedPip(Path("python"), Path("log"), plans=plans)


CPU = f"--index-url {torch_build.INDEX}/cpu"


def test_the_tested_release_of_the_first_source_is_taken() -> None:
    pip = _pip({f"{CPU} torch==2.13.0": _plan("2.13.0+cpu"), "torch==2.13.0": _plan("2.13.0")})
    assert install("cpu", pip, _machine(), lambda _: None) == "torch 2.13.0+cpu for cpu"
    assert pip.installed == [["--index-url", f"{torch_build.INDEX}/cpu", "torch==2.13.0+cpu"]]


def test_a_cpu_machine_refuses_cuda_and_names_what_it_saw() -> None:
    plan = _plan("2.13.0", "nvidia-cublas-cu13")
    pip = _pip({"torch==2.13.0": plan, "torch>=2.6": plan})
    with pytest.raises(Refusal, match=r"No cpu build.*torch 2\.13\.0 is another build"):
        install("cpu", pip, _machine(online=False), lambda _: None)
    assert pip.installed == []


def test_another_release_will_do_where_the_tested_one_is_missing() -> None:
    pip = _pip({"torch>=2.6": _plan("2.14.0")})
    assert install("mps", pip, _machine("Darwin", "arm64"), lambda _: None) == "torch 2.14.0 for mps"


def test_no_network_is_named_as_the_reason() -> None:
    with pytest.raises(Refusal, match="index could not be reached"):
        install("xpu", _pip({}), _machine(online=False), lambda _: None)
