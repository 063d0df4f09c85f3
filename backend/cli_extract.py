# SPDX-License-Identifier: GPL-3.0-or-later
"""`underdrawing extract`: line art from pictures."""
