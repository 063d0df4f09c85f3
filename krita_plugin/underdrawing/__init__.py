# SPDX-License-Identifier: GPL-3.0-or-later
"""Underdrawing: paint through the lines under the picture."""
