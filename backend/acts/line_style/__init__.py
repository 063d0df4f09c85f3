# SPDX-License-Identifier: GPL-3.0-or-later
"""Learning the artist's own line from one example."""
