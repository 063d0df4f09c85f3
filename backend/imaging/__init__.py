# SPDX-License-Identifier: GPL-3.0-or-later
"""Canvas pixels to network rasters and back. Pure functions; here (x, y) becomes (row, column)."""
