# SPDX-License-Identifier: GPL-3.0-or-later
"""Underdrawing: paint through the lines under the picture."""

import sys

if "krita" in sys.modules:  # Krita loads its plugins by importing them; tests import only parts of this one
    from . import plugin as plugin
