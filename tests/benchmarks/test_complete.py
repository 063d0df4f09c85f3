# SPDX-License-Identifier: GPL-3.0-or-later
"""Rulers of completion on known displacements, and rivals that do what they are known for."""

import math

import numpy as np
import pytest
import torch

from backend.acts.line_style.losses import VaeLpips
from benchmarks.complete import gain_figures, network_times, score_figures
from benchmarks.held_out import in_marker, in_tool, part
from benchmarks.painting.copy_paste import Move, by_gradients, by_pixels, by_sketch, move
from benchmarks.rulers.completion_scores import Scores, chamfer_px, classical, psnr_db, scores
from models.networks.completion import CompletionNet
from models.recipes.vae import build_vae


@pytest.fixture(scope="module")
def eye() -> VaeLpips:
    torch.manual_seed(0)
    return VaeLpips(build_vae((8, 8, 16, 16), 64))


def test_the_truth_scores_best(eye: VaeLpips) -> None:
    task = part(2)
    best = scores(task, task.sample.image, eye)
    assert best.psnr == 99
    assert best.ssim == pytest.approx(1)
    assert best.lpips == 0
    filled = scores(task, classical(task), eye)
    assert filled.psnr < 60
    assert filled.ssim < 1
    assert filled.lpips > 0


def test_chamfer_measures_a_known_shift() -> None:
    drawn, edges = np.zeros((2, 40, 40), bool)
    drawn[10], edges[14] = True, True
    assert chamfer_px(drawn, edges) == pytest.approx(4)
    assert chamfer_px(drawn, drawn) == 0
    assert math.isnan(chamfer_px(np.zeros((4, 4), bool), edges[:4, :4]))
    assert chamfer_px(drawn, np.zeros((40, 40), bool)) == 40


def rows_of(*psnr: float) -> list[Scores]:
    return [Scores(value, 0.5, 0.1, math.nan, 0.8, 1.0) for value in psnr]


def test_a_part_adds_what_it_has_more_than_the_same_without_it() -> None:
    rows = {
        "plain": rows_of(20, 22, 30),
        "bare_hole": rows_of(19, 20, 26),
        "no_translation": rows_of(20, 22, 25),
    }
    found = {figure.name: figure.value for figure in gain_figures(rows, 2, 0)}
    assert found["psnr_gain_filling"] == pytest.approx(7 / 3)
    assert found["psnr_gain_whole_pictures"] == 5
    assert found["psnr_gain_whole_pictures_regions"] == 0
    assert "chamfer_px_gain_filling" not in found  # nothing was drawn
    assert not any("critics" in name or "sketch_domain" in name for name in found)
    marker = gain_figures({k: rows[k] for k in ("plain", "bare_hole")}, 2, 0, "marker")
    assert {figure.name: figure.value for figure in marker} == {
        f"{name}_marker": value for name, value in found.items() if "filling" in name
    }
    assert len(marker) == 5, "psnr, ssim, lpips, f3 and delta_e were given"


def test_other_pens_draw_the_same_lines() -> None:
    task = part(4)
    exact, broad = task.sample.contour > 127, in_marker(task, 0).sample.contour > 127
    assert broad.sum() > 2.5 * exact.sum()
    assert (broad | ~exact).all()
    tools = [in_tool(task, number).sample.contour for number in range(8)]
    assert len({ink.tobytes() for ink in tools}) == 8
    assert np.array_equal(task.sample.contour > 127, exact)


def test_noise_counts_inside_alone() -> None:
    true = np.full((10, 10, 3), 100, np.uint8)
    other = true.copy()
    other[:5] += 10
    where = np.zeros((10, 10), bool)
    where[:5] = True
    assert psnr_db(other, true, where) == pytest.approx(20 * math.log10(25.5))
    assert psnr_db(other, true, ~where) == 99


def test_the_classical_way_fills_smoothly_and_keeps_the_rest() -> None:
    task = part(3)
    filled = classical(task)
    assert (filled[task.region == 0] == task.sample.image[task.region == 0]).all()
    drawn = (task.region > 0) & (task.sample.contour > 250)
    assert filled[drawn].max(initial=0) < 10


def test_means_leave_out_what_was_not_drawn() -> None:
    rows = [Scores(20, 0.5, 0.1, math.nan, 0.5, 3), Scores(30, 0.7, 0.3, 2, math.nan, 5)]
    figures = {figure.name: figure.value for figure in score_figures("rectangles", rows, 0)}
    assert figures["psnr_rectangles"] == 25
    assert figures["chamfer_px_rectangles"] == 2
    assert {figure.name for figure in score_figures("", rows, 0)} == set(Scores._fields)


def flat_move() -> Move:
    """A bright square from a dark picture, with a darker one in it, into a light picture."""
    source = np.full((256, 256, 3), 60, np.uint8)
    source[100:160, 100:160] = 100
    source[120:140, 120:140] = 80
    region = np.zeros((256, 256), np.uint8)
    region[110:150, 110:150] = 255
    before = np.full((256, 256, 3), 180, np.uint8)
    return Move(source, region, before, before)


def test_gradients_take_on_the_light_and_pixels_do_not() -> None:
    one = flat_move()
    assert (by_pixels(one)[112, 112] == 100).all()
    cloned = by_gradients(one)
    assert (cloned[112, 112] == 180).all()
    assert (cloned[130, 130] == 160).all()
    for made in (by_pixels(one), cloned):
        assert (made[one.region == 0] == one.before[one.region == 0]).all()


def test_a_copy_by_its_lines_keeps_the_rest() -> None:
    torch.manual_seed(0)
    network = CompletionNet((8, 16), (1, 1)).eval()
    one = flat_move()
    made = by_sketch(network, None, one, colours=True)
    assert (made[one.region == 0] == one.before[one.region == 0]).all()
    assert (made[one.region > 0] != one.before[one.region > 0]).any()


def test_moves_differ_in_light_and_agree_around_the_thing() -> None:
    one, again = move(1), move(1)
    assert np.array_equal(one.source, again.source)
    outside = one.region == 0
    assert (one.true[outside] == one.before[outside]).all()
    assert np.abs(one.true[~outside].astype(int) - one.source[~outside]).mean() > 10


def test_the_clock_takes_every_pass() -> None:
    times = network_times(CompletionNet((8, 16), (1, 1)).eval())
    assert len(times) == 20
    assert min(times) > 0
