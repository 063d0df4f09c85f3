# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways of measuring, each with what it needs: networks that only measure, truths, drawings by people."""
