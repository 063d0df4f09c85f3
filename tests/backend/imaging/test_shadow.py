# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from backend.imaging.pixels import Floats
from backend.imaging.shadow import DARKEST, contact_shadow


def figure(height: int = 97, width: int = 131) -> Floats:
    """A head on a narrow foot."""
    alpha = np.zeros((height, width), np.float32)
    alpha[10:50, 30:100] = 1
    alpha[50:71, 55:75] = 1
    return alpha


def test_it_lies_where_the_figure_stands_and_nowhere_else() -> None:
    shadow = contact_shadow(figure())
    assert shadow[71, 64] == pytest.approx(DARKEST, rel=0.15)
    assert shadow[71, 64] > shadow[74, 64] > shadow[80, 64]
    assert shadow[71, 52] > shadow[71, 45] > shadow[71, 30], (
        "soft to the sides, from the foot and not the head"
    )
    assert shadow[:40].max() < 1e-3
    assert shadow[:, :20].max() < 1e-3


def test_none_lies_over_the_figure() -> None:
    alpha = figure()
    assert not contact_shadow(alpha)[alpha == 1].any()
    alpha[70] *= 0.5
    assert contact_shadow(alpha)[70, 64] > 0, "through its soft edge it is seen"


def test_it_is_as_dark_as_is_asked() -> None:
    np.testing.assert_allclose(contact_shadow(figure(), darkest=0.2) * 2, contact_shadow(figure()), rtol=1e-5)


@pytest.mark.parametrize("shape", [(1, 1), (513, 387), (1, 9)])
def test_without_a_figure_there_is_none(shape: tuple[int, int]) -> None:
    assert not contact_shadow(np.zeros(shape, np.float32)).any()


def test_a_figure_that_fills_the_plane_has_no_room_for_one() -> None:
    assert not contact_shadow(np.ones((7, 5), np.float32)).any()
