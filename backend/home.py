# SPDX-License-Identifier: GPL-3.0-or-later
"""The one folder where everything of the backend lives: state, jobs, logs, caches.

`UNDERDRAWING_HOME` moves it. `enter_home` points every library's cache inside it, and is called before torch,
diffusers or huggingface_hub is first imported. `UNDERDRAWING_OFFLINE=1` (or `HF_HUB_OFFLINE=1`, or an
`offline` file in the folder) is the strict offline switch.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

HOME_VARIABLE = "UNDERDRAWING_HOME"
OFFLINE_VARIABLE = "UNDERDRAWING_OFFLINE"

CACHES = {
    "HF_HOME": "huggingface",
    "HF_HUB_CACHE": "huggingface/hub",
    "TORCH_HOME": "torch",
    "TORCHINDUCTOR_CACHE_DIR": "inductor",
    "TRITON_CACHE_DIR": "triton",
    "CUDA_CACHE_PATH": "cuda",
    "MPLCONFIGDIR": "matplotlib",
    "XDG_CACHE_HOME": "other",
}
"""Environment variable of a library, and its folder below `<home>/caches`."""

NO_NETWORK = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "DIFFUSERS_OFFLINE")
NO_TELEMETRY = ("HF_HUB_DISABLE_TELEMETRY", "DISABLE_TELEMETRY", "DO_NOT_TRACK")

WAIT = ("OMP_WAIT_POLICY", "PASSIVE")
"""torch's threads sleep while they wait for each other; see docs/decisions/threads-wait-asleep.md."""


def home() -> Path:
    """The backend's folder, absolute; it need not exist yet."""
    chosen = os.environ.get(HOME_VARIABLE)
    return Path(chosen or platformdirs.user_data_dir("underdrawing", appauthor=False)).expanduser().absolute()


def run_dir() -> Path:
    """Where the running backend leaves its state file."""
    return _folder("run")


def jobs_dir() -> Path:
    """Where queued requests and unfetched results wait."""
    return _folder("jobs")


def logs_dir() -> Path:
    return _folder("logs")


def weights_dir() -> Path:
    """Weights that the artist downloaded or learnt; the embedded ones ship with the program."""
    return _folder("weights")


def caches_dir() -> Path:
    return _folder("caches")


def is_offline() -> bool:
    """Whether the artist forbade every download."""
    return os.environ.get(OFFLINE_VARIABLE, "0") not in ("", "0") or (home() / "offline").exists()


def set_offline(offline: bool) -> None:
    """Set the switch for good. A backend that runs already keeps its setting until it starts again."""
    marker = home() / "offline"
    if offline:
        home().mkdir(parents=True, exist_ok=True)
        marker.touch()
    else:
        marker.unlink(missing_ok=True)


def enter_home() -> Path:
    """Keep every library's cache inside the folder, for this process and its children.

    Overrides what the user's shell says: the caches belong to this program alone. Only a download that the
    artist starts may use the network, so libraries are always told to stay off it; a download of ours
    names its own address.
    """
    folder = home()
    os.environ[HOME_VARIABLE] = str(folder)
    if OFFLINE_VARIABLE not in os.environ:  # only the first process sees what the user's shell said
        os.environ[OFFLINE_VARIABLE] = "1" if os.environ.get("HF_HUB_OFFLINE", "0") not in ("", "0") else "0"
    for variable, name in CACHES.items():
        os.environ[variable] = str(folder / "caches" / name)
    os.environ.setdefault(*WAIT)
    for variable in (*NO_NETWORK, *NO_TELEMETRY):
        os.environ[variable] = "1"
    return folder


def _folder(name: str) -> Path:
    folder = home() / name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
