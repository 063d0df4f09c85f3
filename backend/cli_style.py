# SPDX-License-Identifier: GPL-3.0-or-later
"""`underdrawing style`: the library of lines, and learning one."""
