# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a message is said with the path to it."""

from __future__ import annotations

import math

import msgpack
import pytest

from shared.codec import Codec, plain
from shared.errors import ProtocolError
from tests.golden.samples import SAMPLES

CODEC = Codec(msgpack.packb, msgpack.unpackb)


def changed(name: str, path: str, value: object) -> bytes:
    """A sample's bytes with one value changed; `...` takes it away."""
    message = SAMPLES[name][1]
    root = json_like = listed(plain(message))
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in parents:
        json_like = json_like[part]
    if value is ...:
        del json_like[last]
    else:
        json_like[last] = value
    return msgpack.packb(root)


def listed(value):
    if isinstance(value, dict):
        return {key: listed(item) for key, item in value.items()}
    return [listed(item) for item in value] if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize(
    ("name", "path", "value", "words"),
    [
        (
            "submit",
            "request.mask.extent.0",
            "x",
            "submit.request.mask.extent.width: expected int 1..16384, got str",
        ),
        (
            "submit",
            "request.mask.extent.0",
            0,
            "submit.request.mask.extent.width: expected int 1..16384, got 0",
        ),
        (
            "submit",
            "request.mask.extent.1",
            True,
            "submit.request.mask.extent.height: expected int 1..16384, got bool",
        ),
        ("submit", "request.mask.extent", [1], "submit.request.mask.extent: expected 2 numbers, got 1"),
        ("submit", "request.mask.extent", {}, "submit.request.mask.extent: expected an array, got map"),
        ("submit", "request.mask.tiles", [b""], "submit.request.mask.tiles: expected 2 digests, got 1"),
        (
            "submit",
            "request.mask.tiles.1",
            b"abc",
            "submit.request.mask.tiles[1]: expected 0 or 16 bytes, got 3",
        ),
        (
            "submit",
            "request.mask.format",
            "bgra_u8",
            "submit.request.mask.format: expected grey_u8, got bgra_u8",
        ),
        ("submit", "request.image.format", "rgb", "submit.request.image.format: expected one of bgra_u8,"),
        (
            "submit",
            "request.image.extent.0",
            301,
            "submit.request.image.extent: differs from the extent of area",
        ),
        (
            "submit",
            "request.strengths.colour",
            2.01,
            "submit.request.strengths.colour: expected number 0..2, got 2.01",
        ),
        (
            "submit",
            "request.strengths.colour",
            math.nan,
            "submit.request.strengths.colour: expected number 0..2, got nan",
        ),
        ("submit", "request.strengths", None, "submit.request.strengths: expected a map, got nil"),
        ("submit", "request.steps", 151, "submit.request.steps: expected int 0..150, got 151"),
        ("submit", "request.steps", 5.0, "submit.request.steps: expected int 0..150, got float"),
        ("submit", "request.seed", 2**32, "submit.request.seed: expected int 0..4294967295, got 4294967296"),
        (
            "submit",
            "request.prompt",
            "a" * 4097,
            "submit.request.prompt: expected at most 4096 characters, got 4097",
        ),
        ("submit", "request.prompt", b"a", "submit.request.prompt: expected text, got bytes"),
        ("submit", "request.area", ..., "submit.request.area: missing"),
        ("submit", "request.extra", 1, "submit.request: unknown field 'extra'"),
        (
            "submit",
            "request.kind",
            "dance",
            "submit.request.kind: expected one of paint, extract, learn_style",
        ),
        ("submit_extract", "request.style", "../x", "submit.request.style: expected at most 64 of"),
        (
            "submit_extract",
            "request.mask.format",
            "bgra_u8",
            "submit.request.mask.format: expected grey_u8, got bgra_u8",
        ),
        (
            "submit_extract",
            "request.image.extent.0",
            301,
            "submit.request.image.extent: differs from the extent of area",
        ),
        (
            "submit_learn_style",
            "request.detail.extent.0",
            301,
            "submit.request.detail.extent: differs from the extent of area",
        ),
        (
            "submit_learn_style",
            "request.minutes",
            math.nan,
            "submit.request.minutes: expected number 0..1440, got nan",
        ),
        (
            "submit_paste_sketch",
            "request.region.format",
            "bgra_u8",
            "submit.request.region.format: expected grey_u8, got bgra_u8",
        ),
        (
            "submit_paste_sketch",
            "request.scale",
            0,
            "submit.request.scale: expected number 0.01..100, got 0",
        ),
        (
            "result_paste",
            "outcome.mask.format",
            "bgra_u8",
            "result.outcome.mask.format: expected grey_u8, got bgra_u8",
        ),
        (
            "result_paste",
            "outcome.colours.format",
            "grey_u8",
            "result.outcome.colours.format: expected bgra_u8, got grey_u8",
        ),
        (
            "result_lines",
            "outcome.contour.extent.1",
            201,
            "result.outcome.contour.extent: differs from the extent of bounds",
        ),
        (
            "result_lines",
            "outcome.detail.format",
            "graya_u8",
            "result.outcome.detail.format: expected grey_u8, got graya_u8",
        ),
        ("result_lines", "outcome.kind", "picture", "result.outcome.kind: expected one of painting, lines,"),
        (
            "learnt_things",
            "entries.0.id",
            "",
            "learnt_things.entries[0].id: expected 1 to 64 of A-Z a-z 0-9 - _, got ''",
        ),
        (
            "learnt_things",
            "entries.0.thumbnail",
            bytes(65537),
            "learnt_things.entries[0].thumbnail: expected at most 65536 bytes, got 65537",
        ),
        (
            "submit",
            "job_id",
            "../../etc",
            "submit.job_id: expected 1 to 64 of A-Z a-z 0-9 - _, got '../../etc'",
        ),
        ("submit", "job_id", "", "submit.job_id: expected 1 to 64 of A-Z a-z 0-9 - _, got ''"),
        ("put_tiles", "tiles.1.base", None, "put_tiles.tiles[1]: base and patch belong together"),
        ("put_tiles", "tiles.1.patch.2", 256, "put_tiles.tiles[1].patch: outside the tile"),
        ("put_tiles", "tiles.0.digest", b"", "put_tiles.tiles[0].digest: expected 16 bytes, got 0"),
        ("put_tiles", "tiles.0.data", "text", "put_tiles.tiles[0].data: expected bytes, got str"),
        (
            "put_tiles",
            "tiles.0.data",
            bytes(2**20 + 1),
            "put_tiles.tiles[0].data: expected at most 1048576 bytes, got 1048577",
        ),
        ("fetch_tiles", "digests.1", bytes(range(16)), "fetch_tiles.digests: the same digest twice"),
        ("welcome", "families.0.ready", 1, "welcome.families[0].ready: expected bool, got int"),
        ("welcome", "jobs.0.state", "lost", "welcome.jobs[0].state: expected one of waiting,"),
        ("welcome", "jobs.0.kind", ..., "welcome.jobs[0].kind: expected one of job_status, got nil"),
        (
            "job_status",
            "seconds_left",
            "soon",
            "job_status.seconds_left: expected number 0..2147483647, got str",
        ),
        ("release", "kind", ["release"], "kind: expected one of hello,"),
    ],
)
def test_an_error_names_the_path(name, path, value, words):
    with pytest.raises(ProtocolError) as caught:
        CODEC.decode(changed(name, path, value), SAMPLES[name][0])
    assert str(caught.value).startswith(words)
    assert words.startswith(caught.value.path)
