# SPDX-License-Identifier: GPL-3.0-or-later
"""Server and jobs answer in a moment because neither ever imports torch."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import importlib, sys
for name in {modules}:
    importlib.import_module(name)
heavy = {{"torch", "diffusers", "transformers", "PIL", "numpy"}} & set(sys.modules)
assert not heavy, heavy
"""
MODULES = ["backend.server.serve", "backend.jobs.queue", "backend.jobs.worker", "backend.home"]


@pytest.mark.parametrize("modules", [[name] for name in MODULES] + [["backend.app"]])
def test_no_torch(modules: list[str]) -> None:
    program = PROGRAM.format(modules=modules)
    if modules == ["backend.app"]:
        program = program.replace(', "PIL", "numpy"', "")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
