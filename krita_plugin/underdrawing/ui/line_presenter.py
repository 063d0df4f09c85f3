# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows the session's line art in the panel, and tells the session what the artist did there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..model.canvas import Canvas
from ..model.job import Job
from ..model.session import Session
from ..qt import QtCore
from . import texts
from .cards import image_of
from .guard import Guard
from .line_art import LineArt
from .styles import StylesWindow
from .teach import PICTURE_PX, TeachDialog


class LinePresenter(QtCore.QObject):
    """
    Args:
        session: What is.
        box: Where it is shown.
        canvas: The active document, or None.
        thumbnail: A small picture of it, its longer side so many pixels.
        note: Takes over a setting, by name and value, a little later.
    """

    def __init__(
        self,
        session: Session,
        box: LineArt,
        canvas: Callable[[], Canvas | None],
        thumbnail: Callable[[int], Any],
        note: Callable[[str, Any], None],
        save: Callable[[], None],
        guarded: Guard,
    ) -> None:
        super().__init__(box)
        self._session, self._box, self._canvas = session, box, canvas
        self._thumbnail, self._note, self._save, self._guarded = thumbnail, note, save, guarded
        self._window: StylesWindow | None = None
        self._dialog: TeachDialog | None = None
        for signal, act in (
            (box.extract_clicked, self.extract),
            (box.teach_clicked, self.teach),
            (box.styles_clicked, self._open_styles),
            (box.stop_clicked, session.stop_learning),
            (box.changed, note),
            (box.weighed, self._weigh),
        ):
            signal.connect(guarded(act))

    def extract(self) -> None:
        """Extract the lines of the active document's layer or picture."""
        canvas = self._canvas()
        if canvas is not None:
            self._save()
            self._session.extract(canvas)

    def teach(self) -> None:
        """Ask for a name, and then learn the line of the active document."""
        canvas = self._canvas()
        if canvas is None or not self._session.can_teach(canvas):
            return
        self._save()
        minutes = self._session.settings.learn_minutes
        dialog = TeachDialog(self._thumbnail(PICTURE_PX), self._new_title(), minutes, self._box)
        dialog.accepted.connect(self._guarded(lambda: self._begin(canvas, dialog)))
        dialog.destroyed.connect(self._close_dialog)
        self._dialog = dialog
        dialog.open()

    def show_job(self) -> None:
        """Show what can be begun just now."""
        session, is_open = self._session, self._canvas() is not None
        self._box.show_possible(
            extract=is_open and session.job is None, teach=is_open and session.learning is None
        )

    def show_learning(self) -> None:
        """Show how far the learning is, or what was learnt last."""
        job, row = self._session.learning, self._box.learning
        self.show_job()
        if job is None:
            title = self._session.learnt
            row.show_none(texts.LEARNT.format(title=title) if title else "")
            return
        small = job.preview
        image = None if small is None else image_of(small.width, small.height, small.bgra)
        row.show_progress(job.fraction or 0.0, _standing(job), image)

    def show_styles(self) -> None:
        """Show the learnt lines, in the panel and in their window."""
        styles = self._session.styles
        self._box.show_styles([(entry.id, entry.title, entry.thumbnail) for entry in styles.known])
        self.show_settings()
        if self._window is not None:
            chosen = self._session.settings.line_style
            self._window.show_styles(styles.known, chosen, styles.problem, told=styles.is_told)

    def show_settings(self) -> None:
        shown = self._session.settings
        self._box.show_choices(shown.line_source, shown.line_style, shown.line_clean)
        self._box.show_weights(shown.line_weight, shown.line_threshold)

    def _weigh(self, weight: float, threshold: float) -> None:
        self._session.weigh(weight, threshold)
        self._note("line_weight", weight)
        self._note("line_threshold", threshold)

    def _begin(self, canvas: Canvas, dialog: TeachDialog) -> None:
        self._session.change(canvas, learn_minutes=dialog.minutes.value())
        self._session.teach(canvas, dialog.title)

    def _new_title(self) -> str:
        """A name that no style has yet."""
        taken = {entry.title for entry in self._session.styles.known}
        title, number = texts.TEACH_NAME_DEFAULT, 2
        while title in taken:
            title, number = f"{texts.TEACH_NAME_DEFAULT} {number}", number + 1
        return title

    def _open_styles(self) -> None:
        """Open the window of learnt lines, or bring it to the front."""
        styles = self._session.styles
        if self._window is None:
            window = StylesWindow(browse=self._session.remote is None, parent=self._box)
            window.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
            acts: tuple[tuple[Any, Callable[..., None]], ...] = (
                (window.use_clicked, self._use),
                (window.renamed, styles.rename),
                (window.deleted, styles.delete),
                (window.exported, styles.export),
                (window.imported, styles.take_up),
            )
            for signal, act in acts:
                signal.connect(self._guarded(act))
            window.destroyed.connect(self._close_window)
            self._window = window
        if self._session.backend.phase == "stopped":
            self._session.start_backend()
        styles.look()
        self.show_styles()
        self._window.show()
        self._window.raise_()

    def _use(self, style: str) -> None:
        self._session.change(self._canvas(), line_style=style)
        self.show_styles()

    def _close_window(self) -> None:
        self._window = None

    def _close_dialog(self) -> None:
        self._dialog = None


def _standing(job: Job) -> str:
    """What is done now; the learning's own note says how long it takes."""
    return f"{job.source}: {job.note}"
