# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the rooms are joined: the server with the queue, and in the worker the queue with the acts."""

from __future__ import annotations

import asyncio
import logging
import logging.handlers
from pathlib import Path
from typing import Annotated

import typer

from backend.acts.registry import perform as perform
from backend.home import enter_home, home, jobs_dir, logs_dir, run_dir
from backend.library.shelves import LineStyleShelf
from backend.server.serve import Server, Settings
from backend.server.state import AlreadyRunning, State, cannot_write
from backend.weights.downloads.shelf import ModelShelf
from backend.weights.runtime.families import list_families

LOG_BYTES = 2 * 2**20


def serve(
    owned: Annotated[bool, typer.Option("--owned", help="End when standard input does.")] = False,
    host_name: Annotated[
        str, typer.Option(help="Address to listen on; beyond loopback with TLS.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 for a free one.")] = 0,
    tls_cert: Annotated[Path | None, typer.Option(help="PEM certificate for TLS.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its PEM key.")] = None,
) -> int:
    """Run the backend that Krita's docker talks to, until Ctrl-C. One that runs already is made known.

    Raises:
        Refusal: it cannot listen there, another machine could listen in, or the folder cannot be written.
    """
    enter_home()
    try:
        settings = Settings(
            target="backend.app:perform",
            run=run_dir(),
            jobs=jobs_dir(),
            logs=logs_dir(),
            families=list_families,
            shelf=ModelShelf(),
            library={"style": LineStyleShelf()},
            owned=owned,
            host=host_name,
            port=port,
            tls_cert=tls_cert,
            tls_key=tls_key,
        )
        log_to(settings.logs / "backend.log", echo=not owned)
    except OSError as fault:
        raise cannot_write(home(), fault) from fault
    try:
        asyncio.run(Server(settings).run(announce))
    except AlreadyRunning as running:
        print(running)
    except KeyboardInterrupt:  # on Windows; elsewhere the server catches the signal itself
        pass
    return 0


def announce(state: State) -> None:
    scheme = "wss" if state.tls else "ws"
    print(f"The backend listens on {scheme}://{state.host}:{state.port} (process {state.pid}).", flush=True)


def log_to(path: Path, *, echo: bool) -> None:
    """Log to a file of bounded size, and to standard error where somebody reads that."""
    handlers: list[logging.Handler] = [
        logging.handlers.RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
    ]
    if echo:
        handlers.append(logging.StreamHandler())
    form = "%(asctime)s %(name)s %(levelname)s %(message)s"
    logging.basicConfig(level=logging.INFO, format=form, handlers=handlers, force=True)
    logging.getLogger("websockets").setLevel(logging.CRITICAL)


# ---- in the worker


def prepare() -> str:
    """Import torch before the first job waits for it.

    Returns:
        The device it will paint on.
    """
    enter_home()
    import torch

    from backend.weights.runtime.device import choose_device

    device = choose_device()
    if device.type == "cuda":
        return f"{device.type} ({torch.cuda.get_device_name(device)})"
    return device.type
