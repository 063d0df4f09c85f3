# SPDX-License-Identifier: GPL-3.0-or-later
"""The denoising loop, and what a painting needs before it: words, LoRAs, a few-step student."""
