# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from shared.ink import alpha_table


def test_the_natural_weight_leaves_ink_as_it_is() -> None:
    assert alpha_table(1, 0) == bytes(range(256))


@pytest.mark.parametrize("weight", [0.05, 0.5, 1.0, 1.7, 2.0])
@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.95])
def test_no_ink_stays_clear_full_ink_stays_full_and_more_is_never_less(
    weight: float, threshold: float
) -> None:
    table = alpha_table(weight, threshold)
    assert (len(table), table[0], table[255]) == (256, 0, 255)
    assert list(table) == sorted(table)
    assert not any(table[: int(255 * threshold) + 1])


def test_weight_makes_lines_heavier_and_threshold_lighter() -> None:
    table = alpha_table(1, 0)
    assert all(a >= b for a, b in zip(alpha_table(2, 0), table, strict=True))
    assert alpha_table(2, 0)[100] > table[100] > alpha_table(0.5, 0)[100]
    assert alpha_table(1, 0.2)[100] < table[100]
    assert not any(alpha_table(0, 0))


@pytest.mark.parametrize(
    ("weight", "threshold"), [(-0.1, 0), (2.1, 0), (1, -0.1), (1, 0.96), (float("nan"), 0), (1, float("nan"))]
)
def test_numbers_out_of_range_are_refused(weight: float, threshold: float) -> None:
    with pytest.raises(ValueError, match="is not within 0 to"):
        alpha_table(weight, threshold)
