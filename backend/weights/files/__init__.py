# SPDX-License-Identifier: GPL-3.0-or-later
"""Model files: what is known of them, which model one holds, reading and writing; no network in memory."""
