#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install Underdrawing: `python3 install.py`, and nothing else.

    python3 install.py             install the backend and the plugin, and paint a first picture
    python3 install.py test        run all tests, with what they need (after --: arguments for pytest)
    python3 install.py doctor      print one report to paste into a bug tracker
    python3 install.py uninstall   take everything out again

It can be stopped at any time and run again; it goes on where it stopped.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

if sys.version_info < (3, 9):  # noqa: UP036 - 3.9 and 3.10 get their answer from check_python
    sys.exit("Underdrawing needs Python 3.11 or newer. Run it with that: python3.11 install.py")

from installer import environment, krita, report, torch_build
from installer.plan import Plan, backend_steps, call, painter_steps, tools_step
from installer.steps import run_steps
from shared.errors import Refusal

ROOT = Path(__file__).resolve().parent
REFUSED = 2
STOPPED = 130


def install(plan: Plan) -> int:
    run_steps([*backend_steps(plan), *painter_steps(plan)], plan.stamps)
    print(f"\nYour first picture, painted on this machine: {plan.picture}")
    if plan.home != environment.default_home():
        print(f"The docker knows this folder; from a terminal, set UNDERDRAWING_HOME={plan.home}")
    if plan.with_krita and not plan.places():
        print(
            "\nKrita was not found. To paint in Krita, install it from krita.org, start it once, and\n"
            "run install.py again; or name its folder (Settings > Manage Resources > Open Resource Folder):\n"
            "    python3 install.py --krita-resources FOLDER\n"
            f"From a terminal everything works now: {plan.python.parent / 'underdrawing'} --help"
        )
    for place in plan.places():
        if place.kritarc is None:
            print(
                f"\nThe plugin lies in {place.resources}. Switch it on in Krita:\n"
                "Settings > Configure Krita > Python Plugin Manager > Underdrawing, then start Krita again."
            )
        else:
            print(
                f"\nKrita ({place.words}) has the plugin. Start it and open\n"
                "Settings > Dockers > Underdrawing. Then: docs/first-painting.md"
            )
    return 0


def test(plan: Plan, arguments: list[str]) -> int:
    """Run every test; pytest's own closing line comes last."""
    run_steps([*backend_steps(plan), tools_step(plan)], plan.stamps)
    tools_folder = plan.python.parent
    checks = [
        [str(tools_folder / "ruff"), "check"],
        [str(tools_folder / "ruff"), "format", "--check", "--quiet"],
        [str(tools_folder / "lint-imports"), "--no-cache", "--no-logo"],
    ]
    failed = [command for command in checks if call(plan, command) != 0]
    for command in failed:
        print(f"!!! FAILED: {Path(command[0]).name} {' '.join(command[1:])}", flush=True)
    code = call(plan, [str(plan.python), "-m", "pytest", *arguments])
    return code or int(bool(failed))


def doctor(plan: Plan) -> int:
    """The full report where the backend can still give it, else what the standard library knows."""
    if environment.works(plan.venv):
        command = [str(plan.python), "-m", "backend.cli", "doctor"]
        if call(plan, command) == 0:
            return 0
    print("\n".join(report.lines(plan.root, plan.venv, plan.home, plan.places())))
    print("\nThe backend does not start here. Run: python3 install.py")
    return 1


def uninstall(plan: Plan, everything: bool) -> int:
    for place in plan.places():
        if krita.remove_plugin(place):
            print(f"removed the plugin from {place.resources}")
    if (plan.venv / "pyvenv.cfg").exists():
        shutil.rmtree(plan.venv)
        print(f"removed {plan.venv}")
    if plan.home.exists():
        question = f"Remove {plan.home} too, with your results, settings and learnt weights? [y/N] "
        if everything or (sys.stdin.isatty() and input(question).strip().lower() in ("y", "yes")):
            shutil.rmtree(plan.home)
            print(f"removed {plan.home}")
        else:
            print(f"kept {plan.home} (remove it with: python3 install.py uninstall --all)")
    print(f"Only this folder is left: {plan.root}")
    return 0


def parse(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """The options, and what stands after `--` (for pytest)."""
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(
        prog="install.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = ("install", "test", "doctor", "uninstall")
    add = parser.add_argument
    add("command", nargs="?", choices=commands, default="install", help=argparse.SUPPRESS)
    add("--torch", choices=("auto", *torch_build.BUILDS), default="auto", help="build of torch")
    add("--home", type=Path, help="folder for results, logs and caches")
    add(
        "--krita-resources",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="Krita's resource folder",
    )
    add("--no-krita", action="store_true", help="leave Krita alone")
    add("--offline", action="store_true", help="use no network, only wheels that pip finds on this machine")
    add("--all", action="store_true", help="uninstall: the folder of results and settings as well")
    return parser.parse_args(arguments[:cut]), arguments[cut + 1 :]


def main(arguments: list[str]) -> int:
    options, rest = parse(arguments)
    plan = Plan(
        root=ROOT,
        torch=options.torch,
        home=options.home.expanduser().absolute() if options.home else environment.default_home(),
        resources=tuple(options.krita_resources),
        with_krita=not options.no_krita,
        offline=options.offline,
    )
    try:
        if options.command == "test":
            return test(plan, rest)
        if options.command == "doctor":
            return doctor(plan)
        if options.command == "uninstall":
            return uninstall(plan, options.all)
        return install(plan)
    except Refusal as refusal:
        print(f"\n\n{refusal.message}\n  What to do: {refusal.remedy}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("\n\nStopped. Run it again; it goes on where it stopped.", file=sys.stderr)
        return STOPPED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
