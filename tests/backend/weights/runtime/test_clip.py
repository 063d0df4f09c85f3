# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest
import torch

from backend.weights.runtime.clip import load_clip_folder
from shared.errors import MissingWeights


def test_a_family_without_an_image_encoder_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingWeights, match="no image encoder"):
        load_clip_folder(tmp_path, torch.device("cpu"))
