# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions: one of the program, one of the wire."""

VERSION = "0.1.0"
PROTOCOL = 7
