# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
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
from tests.shared.test_codec_errors import changed, listed

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
