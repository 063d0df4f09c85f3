# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: basic, reportMissingModuleSource=false, reportMissingImports=false, reportAttributeAccessIssue=false
# pyright: reportOptionalMemberAccess=false, reportCallIssue=false, reportArgumentType=false
"""The part of the capture benchmark that runs inside Krita; sent there as text, never imported."""

import random
import time

from krita import Krita, Selection
from PyQt5.QtCore import QBuffer, QIODevice
from PyQt5.QtGui import QImage
from underdrawing import krita_adapter
from underdrawing.model import capture, region, roles, settings
from underdrawing.wire import geometry

PATCH_PX = 16
ROLES = (roles.Role.CONTOUR, roles.Role.DETAIL, roles.Role.COLOURS)


def prepare(edge, seed, painted):
    """A picture of flat patches, all of it selected, with three stroke layers inked over all of it.

    Args:
        edge: Width and height in pixels.
        painted: Layers between the picture and the strokes, each over all of it, as earlier paintings are.
    """
    app = Krita.instance()
    made = app.createDocument(edge, edge, "bench", "RGBA", "U8", "", 72.0)
    app.activeWindow().addView(made)
    app.setActiveDocument(made)
    made.waitForDone()
    dice = random.Random(seed)
    made.topLevelNodes()[0].setPixelData(_patches(edge, dice), 0, 0, edge, edge)
    canvas = krita_adapter.active_canvas()
    for _ in range(painted):
        canvas.paste_layer("Painted", geometry.Bounds(0, 0, edge, edge), _patches(edge, dice), "bgra_u8")
    layers = {roles.assign(canvas, role)[0] for role in ROLES}
    made.waitForDone()
    group = next(node for node in made.topLevelNodes() if node.name() == roles.GROUP)
    for node in group.childNodes():
        if node.uniqueId().toString() in layers:
            node.setPixelData(_patches(edge, dice), 0, 0, edge, edge)
    whole = Selection()
    whole.select(0, 0, edge, edge, 255)
    made.setSelection(whole)
    made.refreshProjection()
    made.waitForDone()
    return [source.name for source in region.plan(canvas, settings.Settings()).sources]


def _patches(edge, dice):
    """BGRA bytes of square patches of random colour."""
    rows = [
        b"".join(dice.randbytes(4) * PATCH_PX for _ in range(edge // PATCH_PX))
        for _ in range(edge // PATCH_PX)
    ]
    return b"".join(row * PATCH_PX for row in rows)


def capture_times(count):
    """Milliseconds per capture, planning and every slice: on the clock, those that the thread ran, and the
    longest slice on the clock."""
    canvas = krita_adapter.active_canvas()
    times = []
    for _ in range(count):
        start, busy = time.perf_counter(), time.thread_time()
        before, longest = start, 0.0
        for _band in capture.read(canvas, region.plan(canvas, settings.Settings())):
            now = time.perf_counter()
            before, longest = now, max(longest, now - before)
        clock = time.perf_counter() - start
        times.append((1000 * clock, 1000 * (time.thread_time() - busy), 1000 * longest))
    return times


def paste_time(seed):
    """Milliseconds to paste a layer as large as the document: on the clock, and those that the thread ran."""
    app, canvas = Krita.instance(), krita_adapter.active_canvas()
    edge, group = canvas.extent.width, roles.group_of(canvas.layers())
    data = _patches(edge, random.Random(seed))
    start, busy = time.perf_counter(), time.thread_time()
    canvas.paste_layer("Painted", geometry.Bounds(0, 0, edge, edge), data, "bgra_u8", below=group)
    times = 1000 * (time.perf_counter() - start), 1000 * (time.thread_time() - busy)
    app.action("edit_undo").trigger()
    app.activeDocument().waitForDone()
    return times


def png_times(count):
    """Milliseconds to encode the merged picture alone as PNG, the way of plugins that send it so."""
    document = Krita.instance().activeDocument()
    width, height = document.width(), document.height()
    times = []
    for _ in range(count):
        start = time.perf_counter()
        pixels = document.pixelData(0, 0, width, height)
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        QImage(pixels, width, height, QImage.Format.Format_ARGB32).save(buffer, "PNG")
        times.append(1000 * (time.perf_counter() - start))
    return times
