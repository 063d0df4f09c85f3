# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of a picture, for the acts that start from them."""
