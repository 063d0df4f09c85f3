# SPDX-License-Identifier: GPL-3.0-or-later
"""Models that can be fetched, the folders that models lie in, and one list of all."""
