# SPDX-License-Identifier: GPL-3.0-or-later
"""What `install.py` does, step by step. Standard library only, and nothing of the backend."""
