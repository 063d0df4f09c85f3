# SPDX-License-Identifier: GPL-3.0-or-later
"""How Live goes: in words, and in milliseconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """One stroke, from its end to its picture on the canvas, in milliseconds.

    Args:
        capture_ms: Until all that changed was read.
        network_ms: The backend's work.
        wire_ms: Until the answer was here, less that.
        write_ms: Until it was on the canvas.
        total_ms: All of it.
        ui_ms: What Live took of the main thread.
    """

    capture_ms: float
    network_ms: float
    wire_ms: float
    write_ms: float
    total_ms: float
    ui_ms: float


@dataclass(frozen=True)
class Standing:
    """How it goes, in words.

    Args:
        mood: "off", "good", "busy" (it waits for something) or "bad".
        tip: What to do, or more of the same; may be empty.
    """

    mood: str
    words: str
    tip: str = ""


OFF = Standing("off", "")


@dataclass
class Clocks:
    """When a stroke ended, was read, and was answered, in seconds; and the main thread's part."""

    ended: float
    read: float = 0.0
    answered: float = 0.0
    network: float = 0.0
    ui: float = 0.0

    def timing(self, shown: float) -> Timing:
        wire = self.answered - self.read - self.network
        spans = (self.read - self.ended, self.network, wire, shown - self.answered, shown - self.ended)
        return Timing(*(1000 * span for span in (*spans, self.ui)))
