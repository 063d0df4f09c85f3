# SPDX-License-Identifier: GPL-3.0-or-later
"""The language the plugin and the backend share. Standard library only, Python 3.10+."""
