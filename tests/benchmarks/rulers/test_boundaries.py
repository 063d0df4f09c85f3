# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.rulers.boundaries import (
    Counts,
    boundary_scores,
    correspond,
    count_boundaries,
    non_maximum_suppressed,
    read_annotators,
    usual_thresholds,
)

KNOWN = Path(__file__).parents[4] / "shared" / "data" / "boundary_known_answers"


def lines(*columns: int) -> np.ndarray:
    picture = np.zeros((60, 80), np.bool_)
    picture[5:55, list(columns)] = True
    return picture


@pytest.mark.skipif(not KNOWN.is_dir(), reason="../shared/data/boundary_known_answers is not there")
def test_published_answers_come_out() -> None:
    thresholds = usual_thresholds(5)
    counts = [
        count_boundaries(
            np.asarray(Image.open(file)) / 255,
            read_annotators(KNOWN / "groundTruth" / f"{file.stem}.mat"),
            thresholds,
        )
        for file in sorted((KNOWN / "png").glob("*.png"))
    ]
    scores = boundary_scores(counts, thresholds)
    told = np.loadtxt(KNOWN / "test_2" / "eval_bdry.txt")
    assert scores.threshold == pytest.approx(told[0], abs=1e-5)
    assert (scores.recall, scores.precision, scores.ods) == pytest.approx(told[1:4], abs=1e-3)
    assert (scores.ois, scores.average_precision) == pytest.approx(told[6:8], abs=1e-3)
    assert scores.per_picture == pytest.approx(
        np.loadtxt(KNOWN / "test_2" / "eval_bdry_img.txt")[:, 4], abs=1e-3
    )
    each = np.loadtxt(KNOWN / "test_2" / "eval_bdry_thr.txt")
    found = np.sum([count.found for count in counts], 0) / np.sum([count.true for count in counts], 0)
    right = np.sum([count.right for count in counts], 0) / np.sum([count.drawn for count in counts], 0)
    assert found == pytest.approx(each[:, 1], abs=1e-3)
    assert right == pytest.approx(each[:, 2], abs=1e-3)


def test_a_perfect_drawing_scores_one_and_nothing_scores_none() -> None:
    true, thresholds = lines(20, 50), usual_thresholds(3)
    perfect = boundary_scores([count_boundaries(true.astype(float), [true], thresholds)], thresholds)
    assert (perfect.ods, perfect.ois) == pytest.approx((1, 1))
    nothing = boundary_scores([count_boundaries(np.zeros((60, 80)), [true], thresholds)], thresholds)
    assert (nothing.ods, nothing.average_precision) == (0, 0)


def test_pairs_are_one_to_one_and_near() -> None:
    matched, met = correspond(lines(20, 21), lines(20), 1.5)
    assert matched.sum() == met.sum() == 50
    assert not correspond(lines(20), lines(23), 2.9)[0].any()
    assert correspond(lines(20), lines(23), 3.0)[0].sum() == 50
    assert not correspond(lines(20), lines(), 5.0)[0].any()


def test_as_many_pairs_as_possible_are_made() -> None:
    """The nearest first would take the only partner of the other."""
    drawn, true = np.zeros((1, 12), np.bool_), np.zeros((1, 12), np.bool_)
    drawn[0, [2, 4]] = True
    true[0, [4, 6]] = True
    assert correspond(drawn, true, 2.0)[0].sum() == 2


def test_what_one_annotator_drew_is_no_fault_but_the_others_miss_it() -> None:
    drawn, thresholds = lines(20, 50), np.array([0.5])
    counts = count_boundaries(drawn.astype(float), [lines(20), lines(50, 70)], thresholds)
    assert counts.precision[0] == 1
    assert counts.recall[0] == pytest.approx(2 / 3)


def test_one_threshold_for_all_is_no_better_than_each_its_own() -> None:
    thresholds = usual_thresholds(9)
    strong, weak = lines(20) * 0.85 + lines(60) * 0.45, lines(20) * 0.35 + lines(60) * 0.15
    counts = [count_boundaries(strength, [lines(20)], thresholds) for strength in (strong, weak)]
    scores = boundary_scores(counts, thresholds)
    assert scores.ois == pytest.approx(1)
    assert scores.ods < 0.95


def test_the_best_f_may_lie_between_two_thresholds() -> None:
    counts = Counts(
        np.array([100.0, 20.0]), np.array([100.0, 100]), np.array([20.0, 20]), np.array([100.0, 20])
    )
    assert boundary_scores([counts], np.array([0.3, 0.6])).ods > 1 / 3 + 0.1


@pytest.mark.parametrize("angle", [0.0, 0.6, 1.57, 2.5])
def test_suppression_leaves_a_thin_crest(angle: float) -> None:
    y, x = np.mgrid[:61, :61] - 30.0
    across = x * np.cos(angle) + y * np.sin(angle)
    crest = non_maximum_suppressed(np.exp(-((across / 2.5) ** 2)))
    inner = np.hypot(x, y) < 25
    assert (abs(across[(crest > 0.1) & inner]) < 1.2).all()
    assert (crest > 0.1)[inner].sum() >= 40


def test_other_sizes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="own size"):
        count_boundaries(np.zeros((9, 9)), [np.zeros((8, 9), np.bool_)], np.array([0.5]))
    with pytest.raises(ValueError, match="own size"):
        count_boundaries(np.zeros((9, 9)), [], np.array([0.5]))
