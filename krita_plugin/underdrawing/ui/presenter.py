# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows a Session in a Panel, and tells the Session what the artist did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from ..model.brushes import BrushHand, RoleBrushes
from ..model.canvas import Canvas
from ..model.events import NOTE, Phase
from ..model.events import Thumbnail as Picture
from ..model.history import Item
from ..model.job import Job
from ..model.roles import STYLES, Role
from ..model.session import Session, Topic
from ..model.tools import Hand
from ..qt import QtCore
from . import texts
from .cards import image_of, show_log
from .guard import Guard
from .history import Thumbnail
from .line_presenter import LinePresenter
from .live_presenter import LivePresenter
from .models import LORA, ModelsWindow
from .panel import Panel
from .region_presenter import RegionPresenter
from .remote import RemoteDialog
from .tool_presenter import ToolPresenter

LABEL_COLOURS = {
    1: "#5badde",
    2: "#97ca3f",
    3: "#f7e53d",
    4: "#ffaa3f",
    5: "#b1663f",
    6: "#ee3233",
    7: "#bf6ad1",
    8: "#767772",
}
"""Krita's layer labels as it paints them, by number."""

MOODS: dict[Phase, str] = {
    "stopped": "off",
    "starting": "busy",
    "connecting": "busy",
    "ready": "good",
    "lost": "bad",
}
SAVE_AFTER_MS = 400
"""Typed words are taken over once the artist pauses for this long."""


class ArtistsHand(Hand, BrushHand, Protocol):
    """The artist's brush, for the tools and for the roles."""


def make_panel() -> Panel:
    """A panel with a button for every role."""
    return Panel({role.value: LABEL_COLOURS[style.colour_label] for role, style in STYLES.items()})


class Presenter(QtCore.QObject):
    """
    Args:
        session: What is.
        panel: Where it is shown.
        canvas: The active document, or None.
        thumbnail: A small picture of the active document, its longer side so many pixels.
        hand: The artist's brush.
    """

    def __init__(
        self,
        session: Session,
        panel: Panel,
        canvas: Callable[[], Canvas | None],
        thumbnail: Callable[[int], Any],
        hand: ArtistsHand,
    ) -> None:
        super().__init__(panel)
        self._session, self._panel, self._canvas = session, panel, canvas
        self._brushes = RoleBrushes(hand)
        self._unsaved: dict[str, Any] = {}
        self._edited: Canvas | None = None
        self._models: ModelsWindow | None = None
        self.guarded = Guard(panel, self._show_fault)
        self._saver = QtCore.QTimer(self)
        self._saver.setSingleShot(True)
        self._saver.timeout.connect(self.guarded(self.save))
        self.lines = LinePresenter(
            session, panel.line_art, canvas, thumbnail, self._note, self.save, self.guarded
        )
        self.tools = ToolPresenter(session, panel.tools, canvas, hand, self.guarded)
        self.region = RegionPresenter(session, panel.region, panel.paint, canvas, self.guarded)
        self.live = LivePresenter(session, panel.live, canvas, self.save, self.guarded)
        self._show: dict[Topic, Callable[[], None]] = {
            "backend": self._show_backend,
            "job": self._show_job,
            "learning": self.lines.show_learning,
            "pasting": self.tools.show_pasting,
            "live": self.live.show,
            "notice": self._show_notice,
            "settings": self._show_settings,
            "roles": self.show_roles,
            "history": self._show_history,
            "models": self._show_models,
            "styles": self.lines.show_styles,
        }
        self._connect()
        session.subscribe(self.guarded(self._on_change))
        for show in self._show.values():
            show()

    def paint(self) -> None:
        """Begin to paint the active document."""
        canvas = self._canvas()
        if canvas is not None and self._session.job is None:
            self.save()
            self._session.paint(canvas)

    def take_role(self, role: Role) -> None:
        """Go to a role's layer in the active document, made where it is missing."""
        self.tools.tools.end()
        canvas = self._canvas()
        if canvas is None:
            return
        self._follow_brush(canvas)
        self._session.assign_role(canvas, role)
        layer = self._session.roles.get(role)
        if layer is not None:
            self._brushes.come_to(canvas, role, layer.id)
        self.show_roles()

    def toggle_lines(self) -> None:
        """Show the strokes of the active document, or hide them."""
        canvas = self._canvas()
        if canvas is not None:
            self._session.toggle_lines(canvas)

    def save(self) -> None:
        """Take over what the artist set and typed since the last time."""
        self._saver.stop()
        if self._unsaved:
            changed, self._unsaved = self._unsaved, {}
            self._session.change(self._edited, **changed)

    def show_roles(self) -> None:
        """Show which role layers there are, and which is active."""
        canvas = self._canvas()
        active = canvas.active_layer() if canvas is not None else ""
        for role in Role:
            layer = self._session.roles.get(role)
            button = self._panel.roles[role.value]
            button.setEnabled(canvas is not None)
            button.show_layer(layer is not None, layer is not None and layer.id == active)
        self._panel.lines.show_lines(self._session.lines_shown)
        self.live.show_possible()
        self.live.show()
        self.region.show()
        self._panel.paint.setEnabled(canvas is not None or self._session.job is not None)
        self.lines.show_job()
        self.tools.follow()
        self._follow_brush(canvas)

    def _follow_brush(self, canvas: Canvas | None) -> None:
        if self.tools.has_lent():
            self._brushes.stay(canvas)
        else:
            self._brushes.follow(canvas)

    def _connect(self) -> None:
        panel, session = self._panel, self._session
        acts: tuple[tuple[Any, Callable[..., None]], ...] = (
            (panel.paint_clicked, self.paint),
            (panel.cancel_clicked, session.cancel),
            (panel.role_clicked, self._take_named),
            (panel.lines_clicked, self.toggle_lines),
            (panel.setting_changed, self._note),
            (panel.start_clicked, session.start_backend),
            (panel.stop_clicked, session.stop_backend),
            (panel.log_clicked, self._show_log),
            (panel.models_clicked, self._open_models),
            (panel.remote_clicked, self._ask_for_remote),
            (panel.error.dismissed, session.dismiss),
            (panel.history.chosen, self._reapply),
        )
        for signal, act in acts:
            signal.connect(self.guarded(act))

    def _on_change(self, topic: Topic) -> None:
        self._show[topic]()

    def _show_fault(self) -> None:
        self._panel.error.show_error(texts.FAULT, texts.FAULT_REMEDY, ())

    def _note(self, name: str, value: Any) -> None:
        if not self._unsaved:
            self._edited = (
                self._canvas()
            )  # the words are this document's, also when another one follows at once
        self._unsaved[name] = value
        self._saver.start(SAVE_AFTER_MS)

    def _take_named(self, role: str) -> None:
        self.take_role(Role(role))

    def _show_log(self) -> None:
        show_log(self._panel, self._session.backend.log)

    def _ask_for_remote(self) -> None:
        dialog = RemoteDialog(self._session.remote, self._panel)
        dialog.accepted.connect(self.guarded(lambda: self._session.choose_backend(dialog.remote)))
        dialog.open()

    def _open_models(self) -> None:
        """Open the window of models, or bring it to the front."""
        if self._models is None:
            window = ModelsWindow(browse=self._session.remote is None, parent=self._panel)
            window.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
            library = self._session.library
            acts: tuple[tuple[Any, Callable[..., None]], ...] = (
                (window.folder_added, library.use_folder),
                (window.folder_removed, library.drop_folder),
                (window.get_clicked, library.get),
                (window.stop_clicked, library.stop),
                (window.look_clicked, library.look),
                (window.use_clicked, self._use_model),
            )
            for signal, act in acts:
                signal.connect(self.guarded(act))
            window.destroyed.connect(self._close_models)
            self._models = window
        if self._session.backend.phase == "stopped":
            self._session.start_backend()
        self._session.library.look()
        self._show_models()
        self._models.show()
        self._models.raise_()

    def _use_model(self, model: Any) -> None:
        """Name a LoRA in the description."""
        tag = f"<lora:{model.title}:1>"
        words = self._panel.prompt.toPlainText().strip()
        if model.kind == LORA and tag not in words:
            self._panel.prompt.setPlainText(f"{words} {tag}".strip())

    def _close_models(self) -> None:
        self._models = None

    def _show_models(self) -> None:
        if self._models is not None:
            library = self._session.library
            self._models.show_models(library.known, library.downloads)

    def _reapply(self, key: str) -> None:
        canvas = self._canvas()
        item = next((item for item in self._session.history.items if item.id == key), None)
        if canvas is not None and item is not None:
            self._session.reapply(canvas, item)

    def _show_backend(self) -> None:
        backend = self._session.backend
        mood = "bad" if backend.phase == "stopped" and backend.remedy else MOODS[backend.phase]
        device = texts.DEVICE.format(device=backend.device) if backend.device else ""
        self._panel.status.show_state(mood, backend.words, backend.remedy or device)
        if backend.phase == "ready" and self._models is not None and not self._session.library.known.target:
            self._session.library.look()
        families = [(family.id, family.title) for family in backend.families if family.ready]
        if families:
            self._panel.more.show_families(families)
            self._panel.more.show_family(self._session.settings.family)
            self._show_settings()

    def _show_job(self) -> None:
        job = self._session.job
        self.lines.show_job()
        self.live.show_possible()
        self.tools.show_possible()
        if job is None:
            self._panel.paint.show_idle()
            self._panel.preview.show_image(None)
            self._panel.paint.setEnabled(self._canvas() is not None)
            return
        self._panel.paint.setEnabled(True)
        self._panel.paint.show_progress(job.fraction or 0.0, _standing(job))
        if job.preview is not None:
            self._panel.preview.show_image(_image(job.preview))

    def _show_notice(self) -> None:
        notice, panel = self._session.notice, self._panel
        is_note = notice is not None and notice.code == NOTE
        panel.note.setVisible(is_note)
        panel.error.setVisible(notice is not None and not is_note)
        if notice is None:
            return
        if is_note:
            panel.note.show_note(notice.message)
        else:
            panel.error.show_error(notice.message, notice.remedy, notice.log)

    def _show_settings(self) -> None:
        shown, panel = self._session.settings.changed(**self._unsaved), self._panel
        panel.show_prompt(shown.prompt)
        for name, bar in panel.strengths.items():
            bar.show_value(getattr(shown, name))
        for name in ("steps", "seed", "grow_px", "feather_px"):
            panel.more.show_number(name, getattr(shown, name))
        panel.more.show_family(shown.family)
        panel.more.show_random_seed(shown.random_seed)
        panel.more.show_quick(shown.quick, possible=self._can_be_quick(shown.family))
        panel.more.show_match(match_grain=shown.match_grain, shadow=shown.shadow)
        panel.more.show_negative(shown.negative_prompt)
        self.region.show()
        self.lines.show_settings()
        self.live.show_settings()

    def _can_be_quick(self, family: str) -> bool:
        return any(known.id == family and known.quick_steps > 0 for known in self._session.backend.families)

    def _show_history(self) -> None:
        self._panel.history.show_items([_thumbnail(item) for item in self._session.history.items])


def _standing(job: Job) -> str:
    """Where a job stands, in a few words."""
    if job.phase != "running" or job.fraction is None:
        return job.note
    percent = texts.PERCENT.format(percent=round(100 * job.fraction))
    if job.seconds_left is None:
        return percent
    return f"{percent} · {texts.time_left_words(job.seconds_left)}"


def _image(picture: Picture) -> Any:
    return image_of(picture.width, picture.height, picture.bgra)


def _thumbnail(item: Item) -> Thumbnail:
    words = texts.HISTORY_LINES if item.is_lines else texts.HISTORY_ITEM
    tip = words.format(
        title=item.name, seed=item.settings.seed, width=item.bounds.width, height=item.bounds.height
    )
    return Thumbnail(item.id, f"{tip}\n{item.note}".rstrip(), _image(item.thumbnail))
