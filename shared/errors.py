# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors that cross the wire. A Refusal is shown to the artist word for word."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault
    """The artist can fix it.

    Args:
        message: What is wrong, in the artist's words, one sentence.
        remedy: What to do about it, one sentence.
    """

    code = "refused"

    def __init__(self, message: str, remedy: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}"


class BadRequest(Refusal):
    """The request cannot be painted as it stands (an empty selection, say)."""

    code = "bad_request"


class MissingWeights(Refusal):
    """A weight file is missing or damaged."""

    code = "missing_weights"


class OutOfMemory(Refusal):
    """Neither the device nor the fallbacks had room."""

    code = "out_of_memory"


class WorkerLost(Refusal):
    """The painting process ended in mid-job."""

    code = "worker_lost"


class Cancelled(Exception):  # noqa: N818 - the artist asked for it
    """The artist cancelled the job."""


class ProtocolError(Exception):
    """The peer broke the contract; the socket is closed.

    Args:
        message: What is wrong.
        path: Where in the message, such as "submit.request.seed".
    """

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path
