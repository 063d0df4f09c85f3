# SPDX-License-Identifier: GPL-3.0-or-later
"""Queue, progress, cancel and safe-keeping of jobs, and the process that works on them. No torch here."""
