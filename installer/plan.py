# SPDX-License-Identifier: GPL-3.0-or-later
"""What the person asked for, and the steps that give it."""

from __future__ import annotations

import contextlib
import subprocess
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

from installer import environment, krita, torch_build
from installer.pip import Pip, clean_environment
from installer.steps import Say, Stamps, Step, fingerprint, fingerprint_files
from installer.weights import check_weights
from shared.errors import Refusal

FIRST_EXAMPLE = "cup"
PAINTED_BY = ("backend", "models/embedded", "models/networks", f"models/examples/{FIRST_EXAMPLE}")
"""What the first picture depends on; it is painted again when one of them changes."""


@dataclass(frozen=True)
class Plan:
    """What the person asked for, and where things go."""

    root: Path
    torch: str
    home: Path
    resources: tuple[Path, ...]
    with_krita: bool
    offline: bool

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return environment.venv_python(self.venv)

    @property
    def pip(self) -> Pip:
        return Pip(self.python, self.home / "logs" / "install.log", self.offline)

    @property
    def picture(self) -> Path:
        return self.home / "first-picture.png"

    def stamps(self) -> Stamps:
        return Stamps(self.venv / "underdrawing-install.json")

    def places(self) -> list[krita.Place]:
        """The Kritas to serve: those named, or all that are found."""
        if not self.with_krita:
            return []
        if self.resources:
            return [krita.named_place(folder) for folder in self.resources]
        return krita.find_places(krita.this_system())

    def environment(self) -> dict[str, str]:
        """For the backend's own programs."""
        return {**clean_environment(), "UNDERDRAWING_HOME": str(self.home)}


def backend_steps(plan: Plan) -> list[Step]:
    """From nothing to a backend that can be started."""
    return [
        Step("python", "Python", lambda _: environment.check_python()),
        Step("room", "Room on the disk", partial(_check_room, plan)),
        Step("venv", "Virtual environment", partial(_make_venv, plan)),
        Step(
            "torch",
            "torch",
            partial(_install_torch, plan),
            state=lambda: fingerprint([plan.torch, environment.python_of(plan.venv)]),
            present=lambda: _has(plan, "torch"),
        ),
        Step(
            "backend",
            "Backend",
            partial(_install_backend, plan, ""),
            state=partial(_backend_state, plan),
            present=lambda: _has(plan, "underdrawing"),
        ),
    ]


def painter_steps(plan: Plan) -> list[Step]:
    """From a backend to a painter at work."""
    return [
        Step(
            "weights",
            "Weights",
            lambda _: check_weights(plan.root),
            state=lambda: fingerprint_files(
                plan.root / "models" / name for name in ("embedded", "catalogue.toml")
            ),
        ),
        Step("plugin", "Plugin for Krita", partial(_install_plugin, plan)),
        Step(
            "picture",
            "First picture",
            partial(_paint, plan),
            state=lambda: fingerprint_files(plan.root / folder for folder in PAINTED_BY) + str(plan.home),
            present=plan.picture.exists,
        ),
    ]


def tools_step(plan: Plan) -> Step:
    """What the tests and the recipes need on top."""
    return Step(
        "tests",
        "Tools of the tests",
        partial(_install_backend, plan, "[test,recipes,bench]"),
        state=partial(_backend_state, plan),
        present=lambda: _has(plan, "pytest"),
    )


def _check_room(plan: Plan, say: Say) -> str:
    say("looking")
    if _has(plan, "torch"):
        return environment.check_room(plan.root, environment.ROOM_AGAIN_GIB)
    return environment.check_room(plan.root, environment.ROOM_GIB[_build(plan)[0]])


def _make_venv(plan: Plan, say: Say) -> str:
    if environment.works(plan.venv):
        return f"{environment.python_of(plan.venv)} (already there)"
    say("making it")
    words = environment.make_venv(plan.venv)
    if not plan.offline:
        with contextlib.suppress(Refusal):  # an older pip does too, only with less to see
            plan.pip.install(["--upgrade", "pip"], say)
    return words


def _install_torch(plan: Plan, say: Say) -> str:
    probes = torch_build.this_machine(plan.offline)
    build, why = _build(plan)
    return f"{torch_build.install(build, plan.pip, probes, say)} ({why})"


def _build(plan: Plan) -> tuple[torch_build.Build, str]:
    """The build of torch to use, and why."""
    if plan.torch == "auto":
        return torch_build.choose(torch_build.this_machine(plan.offline))
    return cast("torch_build.Build", plan.torch), "as you chose"


def _install_backend(plan: Plan, extras: str, say: Say) -> str:
    """Everything but torch, which stays exactly as it is."""
    torch = next(environment.site_packages(plan.venv).glob("torch-*.dist-info")).name.split("-")[1]
    limits = plan.venv / "underdrawing-constraints.txt"
    limits.write_text(f"torch=={torch.removesuffix('.dist')}\n", encoding="utf-8")
    plan.pip.install(["--constraint", str(limits), "--editable", f"{plan.root}{extras}"], say)
    return "installed"


def _install_plugin(plan: Plan, say: Say) -> str:
    places = plan.places()
    for place in places:
        say(str(place.resources))
        krita.install_plugin(place, plan.root, plan.venv, plan.home)
    if places:
        return ", ".join(str(place.resources) for place in places)
    return "Krita was not found (see below)" if plan.with_krita else "left out, as you chose"


def _paint(plan: Plan, say: Say) -> str:
    say("painting")
    print(flush=True)
    command = [str(plan.python), "-m", "backend.cli", "paint", "--example", FIRST_EXAMPLE, "--seed", "0"]
    if call(plan, [*command, "--out", str(plan.picture)]) != 0:
        raise Refusal(
            "The first picture could not be painted; the lines above say why.",
            "Run install.py again; if it fails again, send a report from: python3 install.py doctor",
            code="no_picture",
        )
    return str(plan.picture)


def _backend_state(plan: Plan) -> str:
    return fingerprint([(plan.root / "pyproject.toml").read_bytes(), environment.python_of(plan.venv)])


def _has(plan: Plan, package: str) -> bool:
    try:
        folder = environment.site_packages(plan.venv)
    except Refusal:
        return False
    return any(folder.glob(f"{package}-*.dist-info"))


def call(plan: Plan, command: list[str]) -> int:
    """Run one of the environment's programs; its exit code."""
    return subprocess.run(command, cwd=plan.root, env=plan.environment(), check=False).returncode
