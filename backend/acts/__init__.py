# SPDX-License-Identifier: GPL-3.0-or-later
"""One file per thing the artist does."""
