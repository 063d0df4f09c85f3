# SPDX-License-Identifier: GPL-3.0-or-later
"""Run by two processes at once: trains a line together and says what each ended up with."""

import sys
from collections.abc import Mapping
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn

from models.recipes import parallel
from models.recipes.loop import Plan, Training


class Line:
    """Fit one matrix; each process sees other points. The bias is frozen."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.layer = nn.Linear(16, 16)

    @property
    def networks(self) -> Mapping[str, nn.Module]:
        return {"layer": self.layer}

    def loss(self, step: int, progress: float) -> Tensor:
        x = torch.randn(32, 16)
        self.seen = x[0, 0].item()
        return (self.layer(x) - x).square().mean()

    def grid(self) -> Image.Image:
        return Image.new("RGB", (1, 1))


def main(out: Path) -> None:
    torch.set_num_threads(1)
    parallel.join()
    line = Line()
    training = Training(line, Plan(steps=5, warmup=1), out / "line", report=lambda text: None)
    line.layer.bias.requires_grad_(False)
    bias = line.layer.bias.detach().clone()
    training.run()
    assert torch.equal(line.layer.bias, bias)
    total = line.layer.weight.detach().double().sum().item()
    (out / f"rank-{parallel.rank()}").write_text(f"{parallel.world()} {total!r} {line.seen!r}")
    parallel.leave()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
