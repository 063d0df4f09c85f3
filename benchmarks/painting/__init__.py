# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of the benchmarks of paintings: their sets of pictures, their rows, their figures and tables."""
