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
    "accelerate": [
        *("-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2", "--num_machines", "1"),
        *("--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", "29672"),
    ],
}


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_two_processes_train_one_network(launcher: str, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(REPO), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, *LAUNCHERS[launcher], str(SCRIPT), str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    first, second = ((tmp_path / f"rank-{rank}").read_text().split() for rank in range(2))
    assert first[0] == second[0] == "2"
    assert first[1] == second[1]
    assert first[2] != second[2]
    assert (tmp_path / "line" / "checkpoint" / "progress.json").exists()
