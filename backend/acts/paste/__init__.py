# SPDX-License-Identifier: GPL-3.0-or-later
"""Paste a thing out of another picture as lines and colours."""
