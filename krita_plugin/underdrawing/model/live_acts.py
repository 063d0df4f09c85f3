# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of the picture that Live shows: painted for good, or kept as it is."""

from __future__ import annotations

from ..language import tr
from ..wire import errors
from . import roles
from .canvas import Canvas
from .history import name_of
from .session import Session


def refine(session: Session, canvas: Canvas) -> bool:
    """Paint what Live shows with the chosen model: the same strokes, words, region and seed.

    Returns:
        False when nothing was begun; the session's notice says why.
    """
    return session.paint(canvas, lambda: session.live.plan_whole(canvas))


def keep(session: Session, canvas: Canvas) -> bool:
    """Make the picture that Live shows an ordinary layer below the strokes, one undo step.

    Returns:
        False when there is none, or it could not be; the session's notice says why.
    """
    painted = session.live.picture
    if painted is None:
        session.refuse(
            errors.Refusal(tr("There is no preview to keep."), tr("Switch Live on and draw a stroke."))
        )
        return False
    name = name_of(session.settings.prompt, painted.seed).replace("Painted", "Live", 1)
    below = roles.group_of(canvas.layers())
    try:
        session.live.hide()
        canvas.paste_layer(name, painted.bounds, painted.data, painted.format, below=below)
        session.live.rest()
    except errors.Refusal as refusal:
        session.refuse(refusal)
        return False
    return True
