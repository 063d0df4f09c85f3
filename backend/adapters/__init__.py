# SPDX-License-Identifier: GPL-3.0-or-later
"""What bends a base model for a while: attached, used, and detached without a trace."""
