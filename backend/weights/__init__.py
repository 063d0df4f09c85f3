# SPDX-License-Identifier: GPL-3.0-or-later
"""Base models: what there is, whether its files are whole, and one object to paint with."""
