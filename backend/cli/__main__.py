# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m backend.cli` is `underdrawing`."""

from backend.cli.main import main

if __name__ == "__main__":
    main()
