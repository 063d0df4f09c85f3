# SPDX-License-Identifier: GPL-3.0-or-later
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from backend.weights.runtime.line_extractor import load_extractor
from models.networks.line_extractor import LineExtractor
from models.recipes import extractor as recipe_module
from models.recipes import line_pictures
from models.recipes.extractor import ExtractorRecipe, dice, line_loss, train_extractor
from models.recipes.line_pictures import IMAGE, KNOWN, LinePictures, crop
from models.recipes.loop import Plan, Training

SIZE_PX, SHARD = 64, 4


@pytest.fixture
def pictures(tmp_path: Path) -> LinePictures:
    kept = LinePictures(tmp_path / "pictures", size=SIZE_PX, shard=SHARD)
    kept.fill(2 * SHARD, report=lambda line: None)
    return kept


def begun(pictures: LinePictures, out: Path, steps: int) -> Training:
    torch.manual_seed(0)
    network = LineExtractor((16, 16, 32), (1, 1, 1))
    recipe = ExtractorRecipe(network, pictures, pictures, torch.device("cpu"), batch=4, crop_px=48)
    return Training(recipe, Plan(steps=steps, lr=4e-3, warmup=4), out, report=lambda line: None)


def test_it_learns_lines(pictures: LinePictures, tmp_path: Path) -> None:
    run = begun(pictures, tmp_path / "run", 40)
    before = run.recipe.agreement()
    for _ in range(40):
        run.advance()
    assert run.recipe.agreement() > before + 0.06
    assert run.recipe.grid().height == 3 * 48 + 2 * 4


def test_a_resumed_training_goes_on_exactly(pictures: LinePictures, tmp_path: Path) -> None:
    straight, broken = begun(pictures, tmp_path / "a", 6), begun(pictures, tmp_path / "b", 6)
    for _ in range(6):
        straight.advance()
    for _ in range(3):
        broken.advance()
    broken.save()
    again = begun(pictures, tmp_path / "b", 6)
    again.resume()
    for _ in range(3):
        again.advance()
    for name, weight in straight.weights.items():
        assert torch.equal(weight, again.weights[name]), name


def test_pictures_are_rendered_once(pictures: LinePictures) -> None:
    first = pictures.folder / "00000.npy"
    before = first.stat().st_mtime_ns
    told: list[str] = []
    pictures.fill(3 * SHARD, report=told.append)
    assert first.stat().st_mtime_ns == before
    assert len(told) == 1
    assert len(pictures.open()) == 3


def test_pictures_need_a_folder_with_some(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        LinePictures(tmp_path).open()


def test_a_crop_turns_picture_and_lines_together(pictures: LinePictures) -> None:
    """Ink is where colours change: a crop whose lines were turned another way would show nothing of it."""
    rng, here, all_of_it = np.random.default_rng(0), 0.0, 0.0
    for _ in range(60):
        planes = crop(rng, pictures.open(), 48).astype(float)
        image = planes[IMAGE]
        step = np.abs(np.diff(image, axis=1))[..., :-1].max(0) + np.abs(np.diff(image, axis=2))[:, :-1].max(0)
        ink = np.minimum(planes[3:5].max(0), planes[KNOWN][0])[:-1, :-1] / 255
        here, all_of_it = here + (ink * step).sum() / (ink.sum() + 1), all_of_it + step.mean()
    assert here > 1.5 * all_of_it


def test_no_crop_is_larger_than_its_picture(pictures: LinePictures) -> None:
    with pytest.raises(ValueError, match="crops of 80"):
        crop(np.random.default_rng(0), pictures.open(), 80)


def test_the_loss_is_lowest_for_the_truth_and_blind_where_nothing_is_known() -> None:
    torch.manual_seed(0)
    ink, known = (torch.rand(2, 2, 24, 24) > 0.9).float(), torch.ones(2, 1, 24, 24)
    right, wrong = 12 * (2 * ink - 1), -12 * (2 * ink - 1)
    assert line_loss(right, ink, known) < 0.01
    assert line_loss(wrong, ink, known) > 5
    assert line_loss(wrong, ink, 0 * known) < 0.3


def test_a_line_of_the_wrong_kind_is_half_a_fault() -> None:
    ink, known = torch.zeros(1, 2, 16, 16), torch.ones(1, 1, 16, 16)
    ink[:, 0, 8] = 1
    swapped, none = 12 * (2 * ink.flip(1) - 1), torch.full_like(ink, -12)
    assert line_loss(12 * (2 * ink - 1), ink, known) < line_loss(swapped, ink, known)
    kinds_only = line_loss(none, ink, known)
    assert kinds_only > line_loss(swapped, ink, known) / 2


def test_dice_says_how_well_ink_agrees() -> None:
    ink = (torch.rand(1, 2, 32, 32) > 0.5).float()
    assert dice(ink, ink) == pytest.approx(1)
    assert dice(ink, 1 - ink) < 0.01


def test_trained_written_and_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe_module, "LineExtractor", partial(LineExtractor, (16, 16), (1, 1)))
    monkeypatch.setattr(recipe_module, "LinePictures", partial(LinePictures, size=SIZE_PX, shard=SHARD))
    monkeypatch.setattr(recipe_module, "HELD_OUT", SHARD)
    told: list[str] = []
    train_extractor(
        tmp_path, 0.02, count=SHARD, resume=False, report=told.append, batch=2, crop_px=48, to=tmp_path / "to"
    )
    assert told[-1].startswith("agreement")
    assert load_extractor(folder=tmp_path / "to").config == {"widths": [16, 16], "depths": [1, 1]}


def test_every_fifth_picture_is_the_studios_own() -> None:
    painted, taken = line_pictures.draw_pictured(0, 64), line_pictures.draw_pictured(1, 64)
    assert (painted.known == 0).any()
    assert painted.image.shape == taken.image.shape == (64, 64, 3)
