# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Krita on a screen of its own (Xvfb), for the tests and the capture benchmark.

Krita gets a private home and runtime folder, software rendering, our plugin and the driver plugin of
`tests/krita/driver`, which runs snippets on Krita's main thread. Mouse and keyboard are xdotool's.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

from shared.errors import Refusal

REPO = Path(__file__).parents[2]
DRIVER = REPO / "tests" / "krita" / "driver"
PROGRAMS = ("krita", "Xvfb", "openbox", "xdotool", "import")
DROPPED = (
    "XDG_DATA_HOME",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "PYTHONPATH",
    "PYTHONHOME",
    "WAYLAND_DISPLAY",
)

Install = Callable[[Path, Path], None]
"""Copies the plugin into Krita's resource folder (first) for a backend with its own folder (second)."""

START_TIMEOUT_S = 400
"""Krita starts in 15 s; this is for a machine that is busy with much else."""

T = TypeVar("T")


class KritaError(RuntimeError):
    """Krita ended, hung, or a snippet raised."""


def missing_programs() -> tuple[str, ...]:
    """What this machine lacks to run Krita without a screen."""
    return tuple(name for name in PROGRAMS if shutil.which(name) is None)


def require_programs() -> None:
    """Raise a Refusal that names what is missing."""
    missing = missing_programs()
    if missing:
        raise Refusal(
            f"Krita cannot be driven here: {', '.join(missing)} not found.",
            "Install krita, python3-pyqt5, xvfb, openbox, xdotool and imagemagick.",
            code="no_krita",
        )


def wait_for(probe: Callable[[], T], timeout_s: float, what: str, pause_s: float = 0.05) -> T:
    """Ask until the answer is true, and give it.

    Raises:
        KritaError: It did not come in time.
    """
    end = time.monotonic() + timeout_s
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > end:
            raise KritaError(f"{what}: not within {timeout_s:g} s")
        time.sleep(pause_s)


class KritaSession:
    """One Krita. Use as a context manager; whatever happens, it and its screen are gone at the end.

    Args:
        folder: Empty folder for Krita's home, its log and its sockets; keep the path short.
        install: How the plugin gets into Krita's resource folder.
        home: The backend's folder (UNDERDRAWING_HOME); inside `folder` by default.
        screen: Width and height of the screen in pixels.
    """

    def __init__(
        self,
        folder: Path,
        install: Install,
        *,
        home: Path | None = None,
        screen: tuple[int, int] = (1600, 1000),
    ) -> None:
        require_programs()
        self.folder = folder
        self.home = home or folder / "underdrawing"
        self.log_path = folder / "krita.log"
        self.krita: subprocess.Popen[bytes]
        self._install = install
        self._screen = screen
        self._socket_path = folder / "driver.sock"
        self._open = ExitStack()

    def __enter__(self) -> KritaSession:
        with ExitStack() as stack:
            self._prepare()
            display = self._start_screen(stack)
            self._environment = self._clean_environment(display)
            self._start(stack, ["openbox"])
            wait_for(lambda: self._tool("xdotool", "getdisplaygeometry").returncode == 0, 60, "the screen")
            self.krita = self._start(stack, ["krita", "--nosplash"])
            self._connection = self._connect(stack)
            self.wait("Krita.instance().activeWindow() is not None", START_TIMEOUT_S)
            self.run(_MAXIMISE)
            self._open = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def run(self, source: str, timeout_s: float = 120, **arguments: Any) -> Any:
        """Run Python text on Krita's main thread.

        Args:
            source: The text; `Krita` and `arguments` are names in it, and what it defines stays.

        Returns:
            Its last expression, as JSON gives it; bytes stay bytes.

        Raises:
            KritaError: It raised (with Krita's traceback), took too long, or Krita is gone.
        """
        message = json.dumps({"source": source, "arguments": arguments}).encode() + b"\n"
        self._connection.settimeout(timeout_s)
        try:
            self._connection.sendall(message)
            answer = json.loads(self._read_line(), object_hook=_with_bytes)
        except OSError as error:
            raise KritaError(f"Krita does not answer ({error!r}):\n{self.log()[-2000:]}") from error
        if "error" in answer:
            raise KritaError(answer["error"])
        return answer["value"]

    def call(self, name: str, *args: Any, timeout_s: float = 120, **kwargs: Any) -> Any:
        """Call a function that an earlier snippet defined."""
        return self.run(f"{name}(*_args, **_kwargs)", timeout_s, _args=args, _kwargs=kwargs)

    def wait(self, expression: str, timeout_s: float = 60, **arguments: Any) -> Any:
        """Wait until a Python expression is true in Krita."""
        return wait_for(lambda: self.run(expression, **arguments), timeout_s, expression, pause_s=0.1)

    def mouse(self, *words: object) -> None:
        """Run xdotool with these words (`mousemove`, 10, 20, `click`, 1)."""
        done = self._tool("xdotool", *(str(word) for word in words))
        if done.returncode:
            raise KritaError(done.stderr)

    def click(self, x: int, y: int, button: int = 1) -> None:
        """Click at screen pixels.

        Not with xdotool's --sync: it waits 15 s for a pointer that is there already.
        """
        self.mouse("mousemove", x, y, "sleep", 0.1, "click", button)

    def drag(self, points: Sequence[tuple[int, int]], pause_s: float = 0.02) -> None:
        """Press at the first point, move through the others and let go; screen pixels."""
        words: list[object] = ["mousemove", *points[0], "sleep", 0.15, "mousedown", 1]
        for x, y in points[1:]:
            words += ["sleep", pause_s, "mousemove", x, y]
        self.mouse(*words, "sleep", 0.1, "mouseup", 1, "sleep", 0.1)

    def screenshot(self, path: Path) -> Path:
        """Keep a picture of the whole screen."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if self._tool("import", "-window", "root", str(path)).returncode:
            raise KritaError(f"no screenshot at {path}")
        return path

    def log(self) -> str:
        """All that Krita wrote to its terminal."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def kill(self) -> None:
        """Kill Krita as a power cut would: no clean-up runs in it."""
        self.krita.kill()
        self.krita.wait(60)

    def _prepare(self) -> None:
        resources = self.folder / "home" / ".local" / "share" / "krita"
        (resources / "pykrita").mkdir(parents=True)
        (self.folder / "runtime").mkdir(mode=0o700)
        config = self.folder / "home" / ".config"
        config.mkdir()
        (config / "kritarc").write_text("[python]\nenable_krita_driver=true\n\n[theme]\nTheme=Krita dark\n")
        # a virtual screen has no GPU: OpenGL would be rendered by the cores that the backend computes on
        (config / "kritadisplayrc").write_text("[General]\nOpenGLRenderer=none\n")
        shutil.copytree(DRIVER, resources / "pykrita", dirs_exist_ok=True)
        self._install(resources, self.home)
        text = (config / "kritarc").read_text()
        if "enable_underdrawing" not in text:
            (config / "kritarc").write_text(text.replace("[python]", "[python]\nenable_underdrawing=true"))

    def _clean_environment(self, display: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in DROPPED}
        beside_krita = str(Path(shutil.which("krita") or "/usr/bin/krita").parent)
        return kept | {
            # Krita takes the first python3 on the path for its own, and needs the one it was built with.
            "PATH": os.pathsep.join([beside_krita, os.environ.get("PATH", os.defpath)]),
            "DISPLAY": display,
            "HOME": str(self.folder / "home"),
            "XDG_RUNTIME_DIR": str(self.folder / "runtime"),
            "UNDERDRAWING_HOME": str(self.home),
            "KRITA_DRIVER_SOCKET": str(self._socket_path),
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "QT_QPA_PLATFORM": "xcb",
        }

    def _start_screen(self, stack: ExitStack) -> str:
        reader, writer = os.pipe()
        width, height = self._screen
        command = [
            "Xvfb",
            "-displayfd",
            str(writer),
            "-screen",
            "0",
            f"{width}x{height}x24",
            "-nolisten",
            "tcp",
        ]
        self._environment = dict(os.environ)
        self._start(stack, command, pass_fds=(writer,))
        os.close(writer)
        with os.fdopen(reader) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise KritaError("Xvfb did not start")
        return f":{number}"

    def _start(
        self, stack: ExitStack, command: list[str], pass_fds: tuple[int, ...] = ()
    ) -> subprocess.Popen[bytes]:
        dies_with_us = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        with self.log_path.open("ab") as log:
            process = subprocess.Popen(
                [*dies_with_us, *command],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=pass_fds,
                cwd=self.folder,
            )
        stack.callback(_end, process)
        return process

    def _connect(self, stack: ExitStack) -> socket.socket:
        connection = stack.enter_context(socket.socket(socket.AF_UNIX))
        path = str(self._socket_path)
        wait_for(lambda: connection.connect_ex(path) == 0, START_TIMEOUT_S, "Krita's start")
        self._received = b""
        return connection

    def _read_line(self) -> bytes:
        while b"\n" not in self._received:
            data = self._connection.recv(1 << 20)
            if not data:
                raise ConnectionResetError("the driver's socket was closed")
            self._received += data
        line, _, self._received = self._received.partition(b"\n")
        return line

    def _tool(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=60, check=False
        )


_MAXIMISE = """
_window = Krita.instance().activeWindow().qwindow()
_window.showMaximized()
_window.activateWindow()
"""


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _with_bytes(value: dict[str, Any]) -> Any:
    return base64.b64decode(value["base64"]) if value.keys() == {"base64"} else value
