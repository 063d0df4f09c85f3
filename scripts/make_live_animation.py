# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Draw an example stroke by stroke, and let the instant engine answer each: docs/images/live-strokes.webp.

    python scripts/make_live_animation.py [EXAMPLE]

Left the strokes as they lie on their layers, right what is completed from them. The strokes are those of
`models/examples`: contours, then details, then dabs, of each the longest first.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from skimage.measure import label

REPO = Path(__file__).parents[1]
sys.path.insert(0, str(REPO))

from backend.acts.complete.complete import complete  # noqa: E402
from backend.acts.report import Quiet  # noqa: E402
from backend.cli.paint import LAYERS, input_of, on_canvas, read_example  # noqa: E402
from backend.weights.runtime.completion import load_completion  # noqa: E402
from models.recipes.grids import lines_over  # noqa: E402

PICTURE = REPO / "docs" / "images" / "live-strokes.webp"
STEP_MS, LAST_MS = 160, 2400
ALPHA = 3


def strokes(plane: Any) -> list[Any]:
    """(H,W) masks of the connected strokes of a layer (H,W,4), the longest first."""
    pieces: Any = label(plane[..., ALPHA] > 0)
    found = [pieces == n for n in range(1, int(pieces.max()) + 1)]
    return sorted(found, key=lambda piece: -int(piece.sum()))


def drawings(layers: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The layers after each stroke: contours, details, colours."""
    shown = {name: np.zeros_like(layers[name]) for name in ("contour", "detail", "colours")}
    for name in shown:
        for piece in strokes(layers[name]):
            shown[name] = np.where(piece[..., None], layers[name], shown[name])
            yield shown


def page(shown: dict[str, Any]) -> Any:
    """(H,W,3) uint8: the strokes on paper."""
    contour, detail = (torch.as_tensor(shown[n][..., ALPHA])[None] / 255 for n in ("contour", "detail"))
    bgra = torch.as_tensor(shown["colours"][..., [2, 1, 0, ALPHA]]).permute(2, 0, 1) / 255
    paper = lines_over(contour, detail, bgra)
    return ((paper + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).numpy()


def main(example: str) -> None:
    files, _ = read_example(example)
    whole = input_of({name: path for name, path in files.items() if name in LAYERS}, {})
    network, frames = load_completion(), []
    layers = {name: getattr(whole, name) for name in ("contour", "detail", "colours")}
    for shown in drawings(layers):
        input = dataclasses.replace(whole, **shown)
        painted = complete(network, input, Quiet())
        answer = on_canvas(painted, input.image, input.request.canvas)[..., [2, 1, 0]]
        frames.append(Image.fromarray(np.concatenate([page(shown), answer], 1)))
    frames = [
        frame.resize((frame.width // 2, frame.height // 2), Image.Resampling.LANCZOS) for frame in frames
    ]
    times = [STEP_MS] * (len(frames) - 1) + [LAST_MS]
    frames[0].save(PICTURE, save_all=True, append_images=frames[1:], duration=times, loop=0, quality=70)
    print(PICTURE)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "cup")
