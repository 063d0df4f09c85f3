# SPDX-License-Identifier: GPL-3.0-or-later
"""The artist's hands for the contract checks, inside Krita; sent there as text after canvas_contract.py."""

import random
import traceback
from array import array

from krita import Krita, Selection
from PyQt5.QtCore import QByteArray, QTimer
from underdrawing.krita_adapter import active_canvas
from underdrawing.wire import geometry

SETTLE_MS = 400
TYPES = {"bgra_u8": "B", "bgra_u16": "H", "rgba_f32": "f", "graya_u8": "B", "graya_u16": "H"}
"""Of array elements; Python has none for half floats, which no document here is read as."""


class KritaStudio:
    def __init__(self, model="RGBA", depth="U8", profile=""):
        self.space = (model, depth, profile)

    def new(self, width, height):
        app = Krita.instance()
        made = app.createDocument(width, height, "contract", *self.space, 72.0)
        made.setBatchmode(True)
        app.activeWindow().addView(made)
        app.setActiveDocument(made)
        made.waitForDone()
        canvas = active_canvas()
        assert canvas is not None
        return canvas

    def bounds(self, x, y, width, height):
        return geometry.Bounds(x, y, width, height)

    def ink(self, canvas, layer, bounds, pixel):
        document = Krita.instance().activeDocument()
        node = self._node(document.topLevelNodes(), layer)
        node.setPixelData(QByteArray(pixel * (bounds.width * bounds.height)), *bounds)
        document.refreshProjection()

    def select(self, canvas, bounds):
        selection = Selection()
        selection.select(*bounds, 255)
        Krita.instance().activeDocument().setSelection(selection)

    def show(self, canvas, layer, visible):
        document = Krita.instance().activeDocument()
        self._node(document.topLevelNodes(), layer).setVisible(visible)
        document.refreshProjection()

    def undo(self, canvas):
        Krita.instance().action("edit_undo").trigger()

    def _node(self, nodes, layer):
        for node in nodes:
            if node.uniqueId().toString() == layer:
                return node
            found = self._node(node.childNodes(), layer)
            if found is not None:
                return found
        return None


def check_colours_survive(studio):
    """A painting of known colour, pasted and read again as what the backend gets, in any colour space."""
    canvas = studio.new(30, 20)
    yield
    made = canvas.paste_layer("P", studio.bounds(10, 5, 8, 8), bytes((200, 100, 50, 255)) * 64, "bgra_u8")
    yield
    spot = studio.bounds(12, 7, 1, 1)
    (band,) = [band for band in canvas.read_picture(spot, ()) if band is not None]
    found = array(TYPES[canvas.format], bytes(memoryview(band.data)))
    full = found[-1]
    colour = [value / full for value in found[:-1]]
    wanted = [200 / 255, 100 / 255, 50 / 255]
    if canvas.format.startswith("rgba"):
        wanted.reverse()
    if studio.space[0] == "GRAYA":
        assert len(set(colour)) == 1 and 0.35 < colour[0] < 0.45, colour
    else:
        slack = 0.2 if studio.space[0] == "CMYKA" else 0.03
        assert max(abs(a - b) for a, b in zip(colour, wanted, strict=True)) < slack, (colour, wanted)
    studio.undo(canvas)
    yield
    assert made not in [layer.id for layer in canvas.layers()]


def check_plain_layers_lie_over_each_other(studio):
    """The picture below strokes, of several layers and a group: what Krita shows, to three steps in 255.

    Noise in colour and opacity is the worst case: every layer rounds. Opaque ones are exact.
    """
    canvas = studio.new(300, 200)
    yield
    document, dice = Krita.instance().activeDocument(), random.Random(7)
    whole, group = studio.bounds(0, 0, 300, 200), document.createGroupLayer("group")
    document.rootNode().addChildNode(group, None)
    for x, y, width, height, opacity, inside in (
        (0, 0, 300, 200, 255, False),
        (20, 30, 200, 90, 140, False),
        (150, 9, 99, 180, 255, True),
        (-30, 100, 90, 150, 200, False),
    ):
        node = document.createNode("layer", "paintlayer")
        (group if inside else document.rootNode()).addChildNode(node, None)
        node.setPixelData(QByteArray(dice.randbytes(4 * width * height)), x, y, width, height)
        node.setOpacity(opacity)
    group.setOpacity(180)
    strokes = canvas.create_layer("Contour", colour_label=1, group="Underdrawing")
    studio.ink(canvas, strokes, studio.bounds(10, 20, 250, 150), bytes((0, 0, 0, 255)))
    yield
    (role_group,) = [layer.id for layer in canvas.layers() if layer.name == "Underdrawing"]
    bands = [band for band in canvas.read_picture(whole, [role_group]) if band is not None]
    found = b"".join(bytes(memoryview(band.data)) for band in bands)
    studio.show(canvas, role_group, False)
    yield
    document.waitForDone()
    wanted = bytes(document.pixelData(*whole))
    apart = max(abs(a - b) for a, b in zip(found, wanted, strict=True))
    assert apart <= 3, apart


def check_contract(checks, studio, done):
    """Run the checks one after the other, each step from Krita's own event loop: a nested one holds back.

    Args:
        done: Called with {name of a check: what went wrong, or ""}.
    """
    heard = {}
    waiting = list(checks)
    running = []

    def step():
        if not running:
            if not waiting:
                done(heard)
                return
            check = waiting.pop(0)
            heard[check.__name__] = ""
            running.append((check.__name__, check(studio)))
        name, steps = running[0]
        try:
            next(steps)
        except StopIteration:
            running.clear()
        except Exception:  # noqa: BLE001 - told to the test that waits outside
            heard[name] = traceback.format_exc()
            running.clear()
        QTimer.singleShot(SETTLE_MS if running else 0, step)

    step()
