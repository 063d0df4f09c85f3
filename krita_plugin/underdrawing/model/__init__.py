# SPDX-License-Identifier: GPL-3.0-or-later
"""State and rules, without Qt or Krita."""
