# SPDX-License-Identifier: GPL-3.0-or-later
"""Underdrawing: paint through the lines under the picture."""

import sys

if "krita" in sys.modules:  # Krita loads its plugins by importing them; tests import only parts of this one
    from . import language
    from .qt import QtCore

    language.use(lambda text: QtCore.QCoreApplication.translate("underdrawing", text))
    from . import plugin as plugin
