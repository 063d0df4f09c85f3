# SPDX-License-Identifier: GPL-3.0-or-later
"""The thread that holds the socket, and the backend's start and end."""
