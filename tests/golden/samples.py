# SPDX-License-Identifier: GPL-3.0-or-later
"""One of every message, with every field set. `python -m tests.golden.samples` writes their bytes anew."""

from __future__ import annotations

import json
from pathlib import Path

import msgpack

from shared.acts import (
    ExtractRequest,
    LearnStyleRequest,
    LearntStyle,
    Lines,
    Painting,
    PaintRequest,
    PastedSketch,
    PasteRequest,
    Strengths,
)
from shared.codec import Codec, Side
from shared.geometry import Bounds, Extent
from shared.library_messages import (
    DeleteLearnt,
    ExportLearnt,
    ImportLearnt,
    LearntEntry,
    LearntThings,
    ListLearnt,
    RenameLearnt,
)
from shared.messages import (
    Cancel,
    Failed,
    FamilyInfo,
    FetchTiles,
    Hello,
    JobStatus,
    Message,
    NeedTiles,
    Preview,
    PutTiles,
    Release,
    Result,
    Shutdown,
    Submit,
    Surface,
    Tile,
    Welcome,
)
from shared.model_messages import GetModel, ListModels, ModelInfo, ModelProgress, Models, UseFolder

GOLDEN = Path(__file__).with_name("messages.json")
A, B = bytes(range(16)), bytes(range(16, 32))
WIDE = Extent(300, 200)

REQUEST = PaintRequest(
    canvas=Extent(2048, 1024),
    area=Bounds(-5, 7, 300, 200),
    mask=Surface(WIDE, "grey_u8", (A, b"")),
    image=Surface(WIDE, "bgra_u16", (A, B)),
    contour=Surface(WIDE, "bgra_u8", (b"", B)),
    detail=Surface(WIDE, "graya_u8", (b"", b"")),
    colours=Surface(WIDE, "rgba_f16", (B, B)),
    prompt="crème brûlée, 油彩",
    negative_prompt="blur",
    strengths=Strengths(0.5, 1.5, 2.0),
    steps=12,
    guidance=2.5,
    seed=4294967295,
    family="embedded",
    grow_px=3,
    feather_px=9,
    quick=True,
    engine="instant",
    live=True,
    region="lines",
    match_grain=False,
    shadow=True,
)

EXTRACT = ExtractRequest(
    canvas=Extent(2048, 1024),
    area=Bounds(5, 7, 300, 200),
    image=Surface(WIDE, "bgra_u16", (A, B)),
    mask=Surface(WIDE, "grey_u8", (b"", A)),
    style="my-ink_1",
    clean=True,
)

LEARN = LearnStyleRequest(
    area=Bounds(5, 7, 300, 200),
    picture=Surface(WIDE, "bgra_u8", (A, B)),
    contour=Surface(WIDE, "bgra_u8", (b"", B)),
    detail=Surface(WIDE, "graya_u8", (b"", b"")),
    title="Encre fine, 墨",
    minutes=7.5,
    family="sd15",
)

PASTE = PasteRequest(
    canvas=Extent(2048, 1024),
    area=Bounds(5, 7, 300, 200),
    source=Surface(WIDE, "rgba_f32", (A, B)),
    region=Surface(WIDE, "grey_u8", (b"", A)),
    x=-12.5,
    y=900.25,
    scale=0.75,
    turn_deg=-33.5,
    light=1.25,
    flip=True,
    colours=True,
)

SAMPLES: dict[str, tuple[Side, Message]] = {
    "hello": ("client", Hello(1, "secret", "krita-plugin 0.1.0 (Krita 5.2.9)", "krita-1")),
    "submit": ("client", Submit("job-1", REQUEST)),
    "submit_smallest": (
        "client",
        Submit("1", PaintRequest(Extent(1, 1), Bounds(0, 0, 1, 1), Surface(Extent(1, 1), "grey_u8", (b"",)))),
    ),
    "submit_extract": ("client", Submit("job-2", EXTRACT)),
    "submit_learn_style": ("client", Submit("job-3", LEARN)),
    "submit_paste_sketch": ("client", Submit("job-4", PASTE)),
    "put_tiles": (
        "client",
        PutTiles("job-1", (Tile(A, b"whole", row_bytes=5), Tile(B, b"\0\xff", A, Bounds(1, 0, 2, 1), 5))),
    ),
    "fetch_tiles": ("client", FetchTiles("job-1", (A, B))),
    "release": ("client", Release("job-1")),
    "cancel": ("client", Cancel("job-1")),
    "shutdown": ("client", Shutdown()),
    "list_models": ("client", ListModels()),
    "use_folder": ("client", UseFolder("/home/a/Modèles", False)),
    "get_model": ("client", GetModel("sd15", True)),
    "list_learnt": ("client", ListLearnt("style")),
    "rename_learnt": ("client", RenameLearnt("style", "my-ink_1", "Plume")),
    "delete_learnt": ("client", DeleteLearnt("style", "my-ink_1")),
    "export_learnt": ("client", ExportLearnt("style", "my-ink_1", "/home/a/Encre.safetensors")),
    "import_learnt": ("client", ImportLearnt("style", "/home/a/Encre.safetensors")),
    "welcome": (
        "server",
        Welcome(
            1,
            "0.1.0",
            "cpu",
            (FamilyInfo("embedded", "Embedded", 256, 20, 2.5, False, "weights are missing", 4),),
            (JobStatus("job-0", "done"),),
            8388608,
        ),
    ),
    "need_tiles": ("server", NeedTiles("job-1", (A,))),
    "job_status": ("server", JobStatus("job-1", "running", 0, 3, 20, 4.25, "painting")),
    "preview": ("server", Preview("job-1", 3, Extent(1, 2), b"\1\2\3\4\5\6\7\xff")),
    "result_painting": (
        "server",
        Result(
            "job-1",
            Bounds(-5, 7, 300, 200),
            1.5,
            Painting(Surface(WIDE, "rgba_f32", (A, b"")), 7, "Closed a gap of 9 px."),
        ),
    ),
    "result_lines": (
        "server",
        Result(
            "job-2",
            Bounds(5, 7, 300, 200),
            0.5,
            Lines(Surface(WIDE, "grey_u8", (A, b"")), Surface(WIDE, "grey_u8", (b"", B))),
        ),
    ),
    "result_style": (
        "server",
        Result("job-3", Bounds(5, 7, 300, 200), 99.5, LearntStyle("my-ink_1", "Encre fine, 墨")),
    ),
    "result_paste": (
        "server",
        Result(
            "job-4",
            Bounds(5, 7, 300, 200),
            0.5,
            PastedSketch(
                Surface(WIDE, "grey_u8", (A, b"")),
                Surface(WIDE, "grey_u8", (b"", A)),
                Surface(WIDE, "bgra_u8", (b"", B)),
            ),
        ),
    ),
    "failed": (
        "server",
        Failed("job-1", "bad_request", "Nothing is selected.", "Select a region.", ("a", "b")),
    ),
    "models": (
        "server",
        Models(
            ("/home/a/Modèles",),
            (
                ModelInfo(
                    "Stable Diffusion 1.5",
                    "checkpoint",
                    "SD 1.5",
                    4265146304,
                    "missing",
                    "sd15",
                    "paints at 512 px",
                    "CreativeML Open RAIL-M",
                    "/home/a/Modèles/a.safetensors",
                    "It is damaged. Download it again.",
                ),
            ),
            "/home/a/.local/share/underdrawing/models",
            True,
            "There is no folder /home/b.",
        ),
    ),
    "model_progress": (
        "server",
        ModelProgress("sd15", True, 3000000000, 4265146304, 12500000.0, 101.2, "It stopped."),
    ),
    "learnt_things": (
        "server",
        LearntThings(
            "style",
            (LearntEntry("my-ink_1", "Encre fine, 墨", True, 2400000, b"\x89PNG"),),
            "my-ink_1",
            "There is no style x.",
        ),
    ),
}

if __name__ == "__main__":
    codec = Codec(msgpack.packb, msgpack.unpackb)
    lines = {name: codec.encode(message).hex() for name, (_, message) in SAMPLES.items()}
    GOLDEN.write_text(json.dumps(lines, indent=1) + "\n", encoding="ascii")
