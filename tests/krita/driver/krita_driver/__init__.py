# SPDX-License-Identifier: GPL-3.0-or-later
"""A plugin for tests: runs the Python text that a test sends, on Krita's main thread, and answers in JSON.

It listens on the local socket named by KRITA_DRIVER_SOCKET and does nothing where that is not set. A message
is a line of JSON, {"source": ..., "arguments": {...}}; the last expression of the source is the answer. Names
that a source defines stay for the next one.
"""

import ast
import base64
import json
import os
import traceback

from krita import Extension, Krita
from PyQt5.QtNetwork import QLocalServer


def plain(value):
    """Bytes travel as base64, tuples as lists, all else must be JSON."""
    if isinstance(value, (bytes, bytearray)):
        return {"base64": base64.b64encode(value).decode("ascii")}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return value


class Driver(Extension):
    def __init__(self, parent):
        super().__init__(parent)
        self.names = {"Krita": Krita}
        self.buffers = {}

    def setup(self):
        path = os.environ.get("KRITA_DRIVER_SOCKET")
        if not path:
            return
        self.server = QLocalServer(self)
        self.server.newConnection.connect(self.accept)
        if not self.server.listen(path):
            raise OSError(self.server.errorString())

    def createActions(self, window):  # noqa: N802 - Krita's name
        pass

    def accept(self):
        socket = self.server.nextPendingConnection()
        self.buffers[socket] = b""
        socket.readyRead.connect(lambda: self.read(socket))
        socket.disconnected.connect(lambda: self.buffers.pop(socket, None))

    def read(self, socket):
        *lines, self.buffers[socket] = (self.buffers[socket] + bytes(socket.readAll())).split(b"\n")
        for line in lines:
            socket.write(json.dumps(self.answer(json.loads(line))).encode() + b"\n")

    def answer(self, message):
        try:
            return {"value": plain(self.execute(message["source"], message["arguments"]))}
        except Exception:  # noqa: BLE001 - whatever the snippet raised belongs to the test that sent it
            return {"error": traceback.format_exc()}

    def execute(self, source, arguments):
        self.names.update(arguments)
        tree = ast.parse(source)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "<test>", "exec"), self.names)
        return eval(compile(ast.Expression(last.value), "<test>", "eval"), self.names) if last else None


Krita.instance().addExtension(Driver(Krita.instance()))
