# SPDX-License-Identifier: GPL-3.0-or-later
"""What acts share: the region, its crop and plan, lines that enclose it, and the layer that is made."""
