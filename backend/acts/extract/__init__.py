# SPDX-License-Identifier: GPL-3.0-or-later
"""Extract the lines of a picture as layers."""
