# SPDX-License-Identifier: GPL-3.0-or-later
"""Each module exports `run(quick, seed, progress) -> list[Figure]`; `command` finds it."""
