# SPDX-License-Identifier: GPL-3.0-or-later
"""Complete a region at once with the instant engine, whole or at every stroke."""
