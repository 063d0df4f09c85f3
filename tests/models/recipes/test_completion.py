# SPDX-License-Identifier: GPL-3.0-or-later
"""Completion learns from pictures and critics, resumes exactly, and its variants lack what they should."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from backend.weights.files.small_networks import write_network
from backend.weights.runtime.completion import load_completion
from models.networks.completion import CompletionNet
from models.networks.critics import Critics
from models.networks.line_extractor import LineExtractor
from models.recipes import completion, studio_cache
from models.recipes.completion import (
    BEGUN,
    TRAINED_ON,
    VARIANTS,
    CompletionRecipe,
    Settings,
    feature_distance,
    gain_loss,
    reconstruction_loss,
    settings_of,
    window_at,
)
from models.recipes.completion_batch import Choices, batch_of, lesson
from models.recipes.completion_cache import DomainCache
from models.recipes.loop import Plan, Training
from models.recipes.studio_cache import StudioCache

SIZE = 32


@pytest.fixture
def cache(tmp_path: Path) -> DomainCache:
    """A shard of discs."""
    root, count = tmp_path / "pictures", studio_cache.SHARD
    root.mkdir()
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:SIZE, :SIZE]
    pixels = np.zeros((count, 10, SIZE, SIZE), np.uint8)
    for planes in pixels:
        away = np.hypot(rows - rng.uniform(10, 22), columns - rng.uniform(10, 22)) - rng.uniform(6, 10)
        planes[:3] = np.where(away < 0, *(rng.integers(30, 220, (3, 1, 1)) for _ in range(2)))
        planes[3] = 255 * (away < 0)
        planes[4] = 255 * (np.abs(away) < 1.2)
        planes[6:9] = 128
    np.save(root / "00000.npy", pixels)
    (root / "00000.json").write_text(str([["a disc", "disc"]] * count).replace("'", '"'))
    made = DomainCache(root / "domains", StudioCache(root, SIZE))
    made.fill(report=lambda line: None)
    return made


def recipe(cache: DomainCache, *, adversarial: float = 1e-3, perceptual: float = 0.0) -> CompletionRecipe:
    torch.manual_seed(0)
    shown = cache.pictures.open(), cache.open()
    settings = Settings(adversarial=adversarial, perceptual=perceptual, stages=((0.0, 16, 4), (0.5, 32, 2)))
    return CompletionRecipe(
        CompletionNet((8, 16), (1, 1)),
        Critics((4, 8), (4, 8), global_px=16, local_px=8),
        cache,
        shown,
        torch.device("cpu"),
        settings,
    )


def test_lines_and_colours_are_those_of_the_picture(cache: DomainCache) -> None:
    lines, flat = cache.open().lines(0), cache.open().flat(0)
    assert lines.shape == (3, SIZE, SIZE)
    assert (lines[0] > 128).sum() > 20
    assert np.abs(flat[:, 1, 1].astype(int) - cache.pictures.open().picture(0)[:3, 2, 2]).max() < 12


def test_lessons_vary_and_hide_what_is_missing(cache: DomainCache) -> None:
    pictures, domains = cache.pictures.open(), cache.open()
    given = [lesson(np.random.default_rng(i), pictures, domains, 1, 16, 0.5, Choices()) for i in range(24)]
    shares = [one.mask.mean().item() for one in given]
    assert max(shares) == 1
    assert min(shares) < 0.3
    assert any(not one.lines.any() for one in given)
    assert any(one.colours[3].all() for one in given)
    assert any(not one.colours[3].any() for one in given)
    true, wanted = batch_of(given)
    assert true.shape == (24, 3, 16, 16)
    assert (wanted.packed(filled=False)[:, :3] * wanted.mask == 0).all()


def test_each_missing_part_counts_alike() -> None:
    true, mask = torch.zeros(1, 3, 32, 32), torch.zeros(1, 1, 32, 32)
    losses = []
    for side in (8, 16):
        mask.zero_()
        mask[..., :side, :side] = 1
        losses.append(reconstruction_loss(true + 0.5 * mask, true, mask).item())
    assert losses[0] == pytest.approx(losses[1], rel=0.35)
    known = reconstruction_loss(true + 0.5 * (1 - mask), true, mask).item()
    assert 0 < known < losses[1]


def test_a_picture_counts_by_what_is_gained_over_its_filling() -> None:
    true, mask = torch.zeros(2, 3, 16, 16), torch.ones(2, 1, 16, 16)
    given = torch.tensor([0.2, 1.0])[:, None, None, None].expand_as(true)  # one is easy, one cannot be known
    untouched, halved = (gain_loss(share * given, given, true, mask).item() for share in (1.0, 0.5))
    assert 0.8 < untouched < 1
    assert gain_loss(true, given, true, mask) == 0
    easy = gain_loss(given * torch.tensor([0.5, 1.0])[:, None, None, None], given, true, mask).item()
    assert untouched - easy > 0.4 * (untouched - halved)


def test_it_learns(cache: DomainCache, tmp_path: Path) -> None:
    one = recipe(cache, adversarial=0.0)
    training = Training(one, Plan(steps=40, lr=1e-2, warmup=5), tmp_path, lambda line: None)

    @torch.no_grad()
    def mean_loss() -> float:
        losses = []
        for seed in range(6):
            torch.manual_seed(seed)
            losses.append(one.loss(1, 0.0).item())
        return float(np.mean(losses))

    before = mean_loss()
    for _ in range(40):
        training.advance()
    assert mean_loss() < 0.9 * before


def gradients(one: CompletionRecipe, progress: float) -> dict[str, torch.Tensor]:
    """Of the last layer of each, by the same lesson; zeros where there is none."""
    weights = {"network": one.network.conv_out.weight, "critic": one.critics.whole.conv_in.weight}
    for network in one.networks.values():
        network.zero_grad()
    torch.manual_seed(3)
    one.loss(1, progress).backward()
    return {k: torch.zeros_like(w) if w.grad is None else w.grad.clone() for k, w in weights.items()}


def test_critics_join_late_and_move_both(cache: DomainCache, monkeypatch: pytest.MonkeyPatch) -> None:
    one = recipe(cache)
    assert not gradients(one, 0.3)["critic"].any()
    heard = gradients(one, 0.7)
    monkeypatch.setattr(completion, "HEARD_FROM", 0.9)
    unheard = gradients(one, 0.7)
    assert unheard["critic"].any()
    assert torch.equal(heard["critic"], unheard["critic"])  # being heard does not teach the critics
    assert not torch.equal(heard["network"], unheard["network"])
    assert all(weight.requires_grad for weight in one.critics.parameters())


def test_a_resumed_training_ends_the_same(cache: DomainCache, tmp_path: Path) -> None:
    plan = Plan(steps=6, lr=1e-3, warmup=2, save_minutes=99)
    straight = Training(recipe(cache), plan, tmp_path / "a", lambda line: None)
    straight.run()
    half = Training(recipe(cache), plan, tmp_path / "b", lambda line: None)
    for _ in range(5):  # the critics have begun
        half.advance()
    half.save()
    again = Training(recipe(cache), plan, tmp_path / "b", lambda line: None)
    again.resume()
    again.run()
    for name, weight in straight.weights.items():
        assert torch.equal(weight, again.weights[name]), name


def test_variants_lack_one_thing_each() -> None:
    usual, plain = settings_of("usual"), settings_of("plain")
    assert usual == Settings()
    assert min(usual.adversarial, usual.perceptual) > 0
    assert settings_of("no_perceptual") == replace(usual, perceptual=0.0)
    assert plain == replace(usual, perceptual=0.0, adversarial=0.0)
    raw, rectangles, known = (settings_of(v) for v in ("raw_edges", "rectangles", "no_translation"))
    assert set(raw.choices.lines) == {"raw"}
    assert set(rectangles.choices.masks) == {"rectangle", "whole"}
    assert "whole" not in known.choices.masks
    for one in (raw, rectangles, known):
        assert replace(one, choices=plain.choices) == plain
    assert settings_of("bare_hole") == replace(plain, filled=False)
    assert len({str(settings_of(variant)) for variant in VARIANTS}) == len(VARIANTS)
    assert set(BEGUN) | set(TRAINED_ON) == set(VARIANTS)


def test_the_perceptual_term_counts_what_is_seen_inside_the_mask(
    cache: DomainCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    eye = LineExtractor((4, 8), (1, 1)).requires_grad_(False)
    true = torch.rand(3, 3, SIZE, SIZE) * 2 - 1
    assert torch.equal(feature_distance(eye, true, true), torch.zeros(3))
    near, far = (feature_distance(eye, true + torch.randn_like(true) * share, true) for share in (0.05, 0.5))
    assert (near < far).all()

    monkeypatch.setattr(completion, "load_extractor", lambda device: eye)
    taught = recipe(cache, adversarial=0, perceptual=0.5)
    plain = recipe(cache, adversarial=0)
    losses: list[float] = []
    for one in (taught, plain):
        torch.manual_seed(1)
        losses.append(one.loss(0, 0.0).item())
    assert losses[0] > losses[1]
    assert all(weight.grad is None for weight in eye.parameters())


def test_windows_hold_a_missing_pixel() -> None:
    mask = torch.zeros(32, 40)
    mask[30, 39] = 1
    y, x = window_at(np.random.default_rng(0), mask, 8)
    assert mask[y : y + 8, x : x + 8].any()
    assert (y, x) == (24, 32)


def test_what_is_written_can_be_loaded(tmp_path: Path) -> None:
    network = CompletionNet((8, 16), (1, 1))
    write_network(network, tmp_path)
    loaded = load_completion(folder=tmp_path)
    assert loaded.config == network.config
    for name, weight in network.state_dict().items():
        assert torch.allclose(weight, loaded.state_dict()[name], atol=1e-3)


def test_what_is_written_keeps_a_share_of_what_it_began_with(
    cache: DomainCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = lambda filled: CompletionNet((8, 16), (1, 1), filled=filled)  # noqa: E731
    monkeypatch.setattr(completion, "CompletionNet", small)
    plan = Plan(steps=2, lr=1e-2, warmup=1, save_minutes=99)
    for name in ("first", "then"):
        training = Training(recipe(cache), plan, tmp_path / name, lambda line: None)
        if name == "then":
            training.start_from(tmp_path / "first" / "checkpoint")
        training.run()

    def written(keep: float) -> dict[str, torch.Tensor]:
        to = tmp_path / f"{keep}"
        begin = tmp_path / "first"
        completion.export_completion(tmp_path / "then", to, begin=begin, keep=keep)
        return load_file(to / "model.safetensors")

    own, old, mixed = written(0.0), written(1.0), written(0.3)
    assert any(not torch.equal(own[key], old[key]) for key in own)
    for key in own:
        assert torch.allclose(
            mixed[key].float(), torch.lerp(own[key].float(), old[key].float(), 0.3), atol=2e-3
        )
