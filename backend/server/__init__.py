# SPDX-License-Identifier: GPL-3.0-or-later
"""The socket: who may speak, what they may say, and how long the backend lives. No torch here."""
