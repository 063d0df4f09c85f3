# SPDX-License-Identifier: GPL-3.0-or-later
"""Things that the artist taught the program: list, name, take along, check."""
