# SPDX-License-Identifier: GPL-3.0-or-later
"""The backend that the wire benchmark talks to: the real server and worker around an act that gives back."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from backend.acts.report import Report
from backend.acts.work import Answer, Work
from backend.server.models import EmptyShelf
from backend.server.serve import Server, Settings
from shared.acts import Painting, PaintRequest
from shared.geometry import Bounds
from shared.pixels import BYTES_PER_PIXEL


def perform(work: Work, report: Report) -> Answer:
    """Give back the rectangle of the picture that the prompt names, "x y width height" from its top left."""
    image, request = work.pixels["image"], work.request
    assert isinstance(request, PaintRequest)
    part = Bounds(*map(int, request.prompt.split()))
    pixel = BYTES_PER_PIXEL[image.format]
    stride, size = image.extent.width * pixel, part.width * pixel
    view = memoryview(image.data)
    if size == stride:
        data = bytes(view[part.y * stride : part.bottom * stride])
    else:
        starts = range(part.y * stride + part.x * pixel, part.bottom * stride, stride)
        data = b"".join([view[at : at + size] for at in starts])
    layer = work.surface(data, part.extent, image.format)
    return Answer(part.shifted(request.area.x, request.area.y), Painting(layer, 0))


def main(home: Path) -> None:
    run, jobs, logs = home / "run", home / "jobs", home / "logs"
    for folder in (run, jobs, logs):
        folder.mkdir()
    settings = Settings(
        "benchmarks.programs.wire_backend:perform",
        run,
        jobs,
        logs,
        families=lambda: (),
        shelf=EmptyShelf(),
        owned=True,
    )
    asyncio.run(Server(settings).run(lambda state: print("ready", flush=True)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
