# SPDX-License-Identifier: GPL-3.0-or-later
"""Paint a region with a diffusion family."""
