# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import math
import struct
from dataclasses import fields, replace
from pathlib import Path
from typing import get_args

import msgpack
import msgpack.fallback
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.acts import Painting
from shared.codec import MAX_MESSAGE_BYTES, Codec, plain
from shared.errors import ProtocolError
from shared.geometry import Bounds, Extent
from shared.messages import ClientMessage, PutTiles, Result, ServerMessage, Submit, Surface, Tile
from tests.golden.samples import GOLDEN, SAMPLES

CODECS = {
    "c": Codec(msgpack.packb, msgpack.unpackb),
    "python": Codec(msgpack.fallback.Packer().pack, msgpack.fallback.unpackb),
}
CODEC = CODECS["c"]
CONFORMANCE = Path(__file__).parents[3] / "shared/data/msgpack/msgpack-test-suite.json"


def test_there_is_a_sample_of_every_message_and_every_field_differs_from_its_default():
    kinds = {type(message) for _, message in SAMPLES.values()}
    assert kinds == {*get_args(ClientMessage), *get_args(ServerMessage)}
    for name in ("submit", "submit_extract", "submit_learn_style", "submit_paste_sketch"):
        request = SAMPLES[name][1].request
        same = [f.name for f in fields(request) if getattr(request, f.name) == f.default]
        assert [field for field in same if field != "family"] == [], name


@pytest.mark.parametrize("library", CODECS)
@pytest.mark.parametrize("name", SAMPLES)
def test_golden_bytes(name, library):
    side, message = SAMPLES[name]
    golden = bytes.fromhex(json.loads(GOLDEN.read_text("ascii"))[name])
    assert CODECS[library].encode(message) == golden
    assert CODECS[library].decode(golden, side) == message


ONE_SIDED = [name for name, (_, message) in SAMPLES.items() if not isinstance(message, PutTiles)]


@pytest.mark.parametrize("name", ONE_SIDED)
def test_a_message_of_the_other_side_is_refused(name):
    side, message = SAMPLES[name]
    with pytest.raises(ProtocolError, match=f"kind: expected one of .*, got '{message.kind}'"):
        CODEC.decode(CODEC.encode(message), "server" if side == "client" else "client")


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


def test_a_field_with_a_default_may_be_missing():
    assert CODEC.decode(changed("submit", "request.steps", ...), "client").request.steps == 0
    assert CODEC.decode(changed("put_tiles", "tiles.0.patch", ...), "client").tiles[0].patch is None


def test_whole_numbers_serve_as_float():
    strength = CODEC.decode(
        changed("submit", "request.strengths.detail", 1), "client"
    ).request.strengths.detail
    assert strength == 1.0 and type(strength) is float


def test_too_large_a_message_is_neither_sent_nor_read():
    tile = Tile(bytes(16), bytes(2**20))
    with pytest.raises(ProtocolError, match="put_tiles: 8389"):
        CODEC.encode(PutTiles("job", (tile,) * 8))
    with pytest.raises(ProtocolError, match="message of 8388609 bytes"):
        CODEC.decode(bytes(MAX_MESSAGE_BYTES + 1), "client")


@pytest.mark.parametrize("library", CODECS)
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x81",
        b"\xc1",
        b"\x91" * 100_000 + b"\xc0",
        b"\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
        b"\x81\x90\xc0",
        b"\x81\xc0\xc0",
        b"\xa1\xff",
        b"\xd7\xff" + bytes(8),
        b"\xd6\xff" + bytes(4) + b"\xc0",
        b"\xc7\x0c\xff" + b"\xff" * 12,
        b"\x93\1\2",
        b"\x81\xa4kind\xa5hello\xc0",
    ],
)
def test_what_is_no_message_is_a_protocol_error(data, library):
    with pytest.raises(ProtocolError):
        CODECS[library].decode(data, "client")


@settings(max_examples=400, deadline=None)
@given(data=st.binary(max_size=300), side=st.sampled_from(["client", "server"]))
def test_any_bytes_raise_nothing_but_a_protocol_error(data, side):
    for codec in CODECS.values():
        with pytest.raises(ProtocolError):
            codec.decode(data, side)


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_any_damage_to_a_message_is_a_protocol_error_or_another_message(data):
    side, message = SAMPLES[data.draw(st.sampled_from(sorted(SAMPLES)))]
    raw = bytearray(CODEC.encode(message))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
        raw = raw or bytearray(1)
    outcomes = set()
    for codec in CODECS.values():
        try:
            made = codec.decode(bytes(raw), side)
            assert codec.decode(codec.encode(made), side) == made
            outcomes.add(repr(made))
        except ProtocolError:
            outcomes.add("refused")
    assert len(outcomes) == 1


_TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["kind", "job_id", "x"]), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_value_in_any_place_is_a_protocol_error_or_a_message(data):
    name = data.draw(st.sampled_from(sorted(SAMPLES)))
    side, message = SAMPLES[name]
    tree = listed(plain(message))
    place, last = tree, "kind"
    while isinstance(place, (dict, list)) and place and data.draw(st.booleans()):
        holder, last = (
            place,
            data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place)))),
        )
        place = holder[last]
        if data.draw(st.booleans()):
            holder[last] = data.draw(_TREES)
            break
    try:
        CODEC.decode(msgpack.packb(tree), side)
    except ProtocolError as error:
        assert error.path == "" or error.path.split(".")[0].split("[")[0] in (message.kind, "kind")


def test_surfaces_of_the_largest_canvas_fit_a_message():
    side, message = SAMPLES["submit"]
    edge, digests = 16384, tuple(struct.pack(">QQ", 1, n) for n in range(64 * 64))
    surface = Surface(Extent(edge, edge), "grey_u8", digests)
    request = replace(
        message.request,
        area=message.request.area._replace(width=edge, height=edge),
        **dict.fromkeys(("mask", "image", "contour", "detail", "colours"), surface),
    )
    data = CODEC.encode(Submit("big", request))
    assert len(data) < 400_000 and CODEC.decode(data, side).request == request


def test_the_message_pack_conformance_cases():
    if not CONFORMANCE.exists():
        pytest.skip("the MessagePack conformance cases are not on this machine (../shared/data/msgpack)")
    read = 0
    for case in [case for group in json.loads(CONFORMANCE.read_text("utf-8")).values() for case in group]:
        for text in case["msgpack"]:
            data = bytes.fromhex(text.replace("-", ""))
            kind = next(key for key in ("bignum", *case) if key in case)
            expected = case[kind]
            if kind == "binary":
                expected = bytes.fromhex(expected.replace("-", ""))
            if kind == "bignum":
                expected = int(expected)
            if kind == "ext":
                expected = msgpack.ExtType(expected[0], bytes.fromhex(expected[1].replace("-", "")))
            if kind == "timestamp":
                expected = msgpack.Timestamp(*expected)
            for unpackb in (msgpack.unpackb, msgpack.fallback.unpackb):
                assert unpackb(data) == expected
            read += 1
            for codec in CODECS.values():  # none of them is a message of ours
                with pytest.raises(ProtocolError):
                    codec.decode(data, "client")
    assert read > 100


def test_every_seed_comes_back_with_its_result() -> None:
    layer = Surface(Extent(1, 1), "bgra_u8", (b"",))
    result = Result("job", Bounds(0, 0, 1, 1), 0.5, Painting(layer, 2**32 - 1))
    assert CODEC.decode(CODEC.encode(result), "server") == result
