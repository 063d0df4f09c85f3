# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest

from models.recipes.studio import render
from models.recipes.studio_cache import COLOUR, CONTOUR, IMAGE, MASK, StudioCache, planes_of


def test_pictures_come_back_as_rendered(pictures: StudioCache) -> None:
    sample = render(11, 64, category="apple")
    planes = pictures.open().picture(11)
    assert np.array_equal(planes[IMAGE], sample.image.transpose(2, 0, 1))
    assert np.array_equal(planes[MASK][0], sample.mask)
    assert np.array_equal(planes[CONTOUR][0], sample.contour)
    assert np.array_equal(planes[COLOUR], sample.colours.transpose(2, 0, 1))
    assert pictures.open().texts[11] == (sample.caption, sample.category)


def test_all_captions_are_kept_and_shards_from_before_are_still_read(pictures: StudioCache) -> None:
    sample = render(3, 64, category="apple")
    assert pictures.shard_captions(0)[3] == sample.captions
    (pictures.folder / "00001.json").write_text('[["a red apple", "apple"]]')
    assert pictures.shard_captions(1) == [("a red apple",)]
    assert pictures.shard_texts(1) == [("a red apple", "apple")]


def test_filling_again_renders_only_what_is_missing(pictures: StudioCache) -> None:
    seeds: list[int] = []

    def counted(seed: int, size: int):
        seeds.append(seed)
        return render(seed, size, category="apple")

    pictures.fill(24, counted)
    assert seeds == list(range(16, 24))


def test_workers_share_the_shards(pictures: StudioCache) -> None:
    for worker in range(2):
        pictures.fill(40, lambda seed, size: render(seed, size, category="apple"), worker=worker, workers=2)
    assert len(pictures.open()) == 40


def test_an_unfinished_shard_is_not_opened(pictures: StudioCache) -> None:
    (pictures.folder / "00001.json").unlink()
    assert len(pictures.open()) == 8


def test_an_empty_cache_says_so(tmp_path) -> None:
    with pytest.raises(FileNotFoundError, match="no rendered pictures"):
        StudioCache(tmp_path).open()


def test_planes_are_in_the_stated_order() -> None:
    assert planes_of(render(3, 64, category="apple")).shape == (10, 64, 64)
