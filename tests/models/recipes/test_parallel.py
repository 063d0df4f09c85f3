# SPDX-License-Identifier: GPL-3.0-or-later
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("two_processes.py")
REPO = SCRIPT.parents[3]
LAUNCHERS = {
    "torchrun": ["-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port", "29671"],
}


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_two_processes_train_one_network(launcher: str, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(REPO), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, *LAUNCHERS[launcher], str(SCRIPT), str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280, check=False)
    said = [tmp_path / f"rank-{rank}" for rank in range(2)]
    assert all(file.exists() for file in said), done.stderr[-2000:]  # not how they left
    first, second = (file.read_text().split() for file in said)
    assert first[0] == second[0] == "2"
    assert first[1] == second[1]
    assert first[2] != second[2]
    assert (tmp_path / "line" / "checkpoint" / "progress.json").exists()
