# SPDX-License-Identifier: GPL-3.0-or-later
"""The docker as it is seen: nothing cut off at 250 px, errors in sight, all read in every theme."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from .painter import Painter

pytestmark = [pytest.mark.krita, pytest.mark.timeout(900)]

THEMES = ("Krita bright", "Krita neutral", "Krita dark")
"""In this order: the one that Krita was started with comes last."""
LEGIBLE = 4.5
LOOK = """
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QImage, QPainter, QPalette
from PyQt5.QtWidgets import (
    QAbstractSpinBox, QApplication, QCheckBox, QComboBox, QLabel, QPushButton, QStyle, QStyleOptionComboBox,
    QToolButton,
)


def rows():
    return docker().panel.findChild(QScrollArea).widget()


def float_docker(width, height):
    docker().setFloating(True)
    docker().resize(width, height)
    docker().move(300, 100)


def show_everything():
    # As much as can be seen at once, and the longest words.
    panel = docker().panel
    panel.status.show_state("good", "The painting process is starting.")
    panel.live.show_on(True, can_keep=True)
    panel.live.show_standing("busy", "Live waits: the model is being loaded.", "")
    panel.tools.iris.show_iris(2, "#4a7fb5", 1.0)
    panel.tools.placing.show_placing(-1234, 12345, 9.99, -120, flip=False, colours=True, light=1.3)
    panel.note.show_note("Nothing is enclosed by lines; painted the whole selection.")
    panel.error.show_error("The painting process ended in the middle of the job.", "Paint once more.", ("",))
    panel.paint.show_progress(0.4, "the painting process is starting")
    panel.line_art.fold.setChecked(True)
    panel.more.fold.setChecked(True)
    panel.line_art.learning.show_progress(0.3, "My line: looking at your picture, 3 min left", None)
    for box in (panel.more.grow, panel.more.feather, panel.more.steps, panel.more.seed):
        box.blockSignals(True)
        box.setValue(box.maximum())
        box.blockSignals(False)
    source = panel.line_art.source  # what is shown here must not be what the next tests extract from
    source.blockSignals(True)
    source.setCurrentIndex(1)
    source.blockSignals(False)


def words_of(widget):
    # The width that the words of a widget have, and the width that they need.
    space = widget.fontMetrics().horizontalAdvance
    if isinstance(widget, QLabel):
        longest = max(widget.text().split(), key=len, default="") if widget.wordWrap() else widget.text()
        return widget.contentsRect().width(), space(longest)
    if isinstance(widget, QToolButton):
        beside = widget.toolButtonStyle() == Qt.ToolButtonTextBesideIcon and not widget.icon().isNull()
        return widget.width(), space(widget.text()) + (widget.iconSize().width() + 4) * beside
    if isinstance(widget, QCheckBox):
        return widget.width(), widget.sizeHint().width()
    if isinstance(widget, QComboBox):
        option = QStyleOptionComboBox()
        widget.initStyleOption(option)
        field = widget.style().subControlRect(
            QStyle.CC_ComboBox, option, QStyle.SC_ComboBoxEditField, widget)
        icon = 0 if widget.itemIcon(widget.currentIndex()).isNull() else widget.iconSize().width() + 4
        return field.width(), space(widget.currentText()) + icon
    if isinstance(widget, QAbstractSpinBox):
        return widget.lineEdit().width(), space(widget.lineEdit().text()) + 4
    if hasattr(widget, "note_box") and widget.busy:
        box = widget.note_box()
        needed = widget.fontMetrics().boundingRect(box, int(Qt.TextWordWrap), widget._note)
        return box.height(), needed.height()
    if hasattr(widget, "show_value"):
        return widget.width() - 24, space(widget._label) + space("200 %")
    if isinstance(widget, QPushButton):
        return widget.width() - 8, space(widget.text())
    return 1, 0


def seen(within):
    return [w for w in within.findChildren(QWidget) if w.isVisibleTo(within)]


def crowded():
    # What is wider than the docker, or has too little room for its words.
    within, found = rows(), []
    across = within.parentWidget().width()
    for widget in seen(within):
        right = widget.mapTo(within, QPoint(0, 0)).x() + widget.width()
        has, needs = words_of(widget)
        tall = isinstance(widget, QLabel) and widget.wordWrap() and widget.text() and (
            widget.heightForWidth(widget.width()) > widget.height())
        if right > across or has < needs or tall:
            found.append(f"{type(widget).__name__} {getattr(widget, 'text', str)()}: {right} of {across}, "
                f"{has} for {needs}, tall {tall}")
    return found


def take_theme(name):
    actions = app.action("theme_menu").menu().actions()
    next(a for a in actions if a.text().replace("&", "") == name).trigger()


def look_at(path):
    # Three times as large as on the screen, so that letters show their own colour, not their soft edges.
    within = rows()
    picture = QImage(within.size() * 3, QImage.Format_RGB32)
    picture.fill(within.palette().color(QPalette.Window))
    painter = QPainter(picture)
    painter.scale(3, 3)
    within.render(painter, QPoint(0, 0))
    painter.end()
    picture.save(path)
    return [
        [type(w).__name__ + " " + getattr(w, "text", str)(), *rectangle(w, within)]
        for w in seen(within)
        if w.isEnabled() and any(
            isinstance(w, kind) for kind in (QLabel, QToolButton, QPushButton, QCheckBox, QComboBox)
        ) or hasattr(w, "show_value")
    ]


def rectangle(widget, within):
    corner = widget.mapTo(within, QPoint(0, 0))
    return corner.x(), corner.y(), widget.width(), widget.height()


def icons(path):
    # Every icon on the ground that it stands on; the names, from left to right.
    names = [w for w in seen(rows()) if isinstance(w, QToolButton) and w.isEnabled() and not w.icon().isNull()
        and not hasattr(w.parent(), "swatches")]
    sheet = QImage(40 * len(names), 40, QImage.Format_RGB32)
    painter = QPainter(sheet)
    for at, w in enumerate(names):
        painter.fillRect(40 * at, 0, 40, 40, w.palette().color(QPalette.Window))
        painter.drawPixmap(40 * at + 4, 4, w.icon().pixmap(w.iconSize()))
    painter.end()
    sheet.save(path)
    return [w.text() for w in names]
"""


@pytest.fixture
def docker(painter: Painter) -> Iterator[Painter]:
    painter.krita.run(LOOK)
    painter.new_picture(256, 256)
    painter.wait_until_ready()
    yield painter
    painter.krita.run("session().dismiss(); docker().setFloating(False)")
    for fold in ("line_art", "more"):
        painter.krita.run("part(fold).fold.setChecked(False)", fold=fold)
    painter.krita.run("docker().presenter.tools.show_pasting()")
    painter.krita.run("part('tools.iris').hide(); part('line_art').learning.show_none('')")
    painter.krita.run("part('paint').show_idle(); docker().presenter._show_settings()")


def test_nothing_is_cut_off_at_250_px(docker: Painter) -> None:
    docker.ask("float_docker", 250, 700)
    docker.krita.wait("docker().width() == 250")
    docker.ask("show_everything")
    docker.krita.wait("part('error').height() > 40")
    docker.look("everything")
    assert docker.ask("crowded") == []


def test_an_error_comes_into_sight(docker: Painter) -> None:
    docker.ask("float_docker", 262, 247)
    docker.krita.wait("docker().height() == 247")
    docker.krita.run("docker().presenter.tools.act('eraser')")
    words = docker.wait_for_error()
    assert "no lines to erase" in words
    docker.look("error")
    whole = "part('error').visibleRegion().boundingRect().height() >= part('error').height()"
    docker.krita.wait(whole, 10)


def test_a_note_of_a_result_is_no_error(docker: Painter) -> None:
    docker.krita.run("docker().presenter.tools.act('eraser')")
    docker.wait_for_error()
    words = "Nothing is enclosed by lines; painted the whole selection."
    docker.krita.run("session().say(type(session().notice)(words, '', 'note'))", words=words)
    assert docker.krita.run("(part('note').isVisible(), part('note').words.text())") == [True, words]
    assert not docker.krita.run("part('error').isVisible()")
    docker.krita.run("session().dismiss()")
    assert not docker.krita.run("part('note').isVisible()")


def test_all_is_read_in_every_theme_at_once(docker: Painter) -> None:
    docker.album.mkdir(parents=True, exist_ok=True)
    docker.ask("float_docker", 250, 900)
    docker.ask("show_everything")
    docker.krita.run("[button.show_layer(True, False) for button in part('roles').values()]")
    try:
        for theme in THEMES:
            docker.ask("take_theme", theme)
            docker.krita.run("QApplication.processEvents()")
            path = docker.album / f"{theme}.png"
            places = docker.ask("look_at", str(path))
            docker.look(f"{theme} in Krita")
            faint = {name: found for name, found in contrasts(path, places).items() if found < LEGIBLE}
            assert not faint, theme
            names = docker.ask("icons", str(path.with_name(f"{theme} icons.png")))
            sheet = np.asarray(Image.open(path.with_name(f"{theme} icons.png")).convert("RGB"))
            for at, name in enumerate(names):
                assert contrast(sheet[:, 40 * at : 40 * at + 40]) >= LEGIBLE, f"{theme}: icon of {name}"
    finally:
        docker.ask("take_theme", THEMES[-1])


def contrasts(path: Path, places: list[list[Any]]) -> dict[str, float]:
    """Of all that has words, without its frame."""
    picture = np.asarray(Image.open(path).convert("RGB"))
    return {
        name: contrast(picture[3 * y + 9 : 3 * (y + height) - 9, 3 * x + 9 : 3 * (x + width) - 9])
        for name, x, y, width, height in places
        if name.split(" ", 1)[1].strip() and min(width, height) > 8
    }


def contrast(pixels: np.ndarray) -> float:
    """Of what stands out most from the colour that is there most; WCAG 2.1."""
    colours, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_counts=True)
    colours = colours / 255
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    light = linear @ [0.2126, 0.7152, 0.0722] + 0.05
    ground = light[counts.argmax()]
    return float(np.maximum(light / ground, ground / light).max())
