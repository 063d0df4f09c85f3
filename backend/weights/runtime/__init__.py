# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks in memory: one object to paint with, its device, its number format, and what is kept warm."""
