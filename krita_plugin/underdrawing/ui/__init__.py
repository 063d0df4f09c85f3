# SPDX-License-Identifier: GPL-3.0-or-later
"""The docker's widgets. They show what they are told and say what was clicked; rules live in `model`."""
