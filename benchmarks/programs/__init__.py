# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole programs that a benchmark drives: Krita, a client, a backend."""
