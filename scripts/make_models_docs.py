#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write docs/models.md from models/catalogue.toml and models/downloads.toml."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

REPO = Path(__file__).parents[1]
sys.path.insert(0, str(REPO))

from backend.cli.models import BASE_SHORT, KIND_TITLES, readable  # noqa: E402 - run as a script, from anywhere
from backend.weights.files.catalogue import read_catalogue  # noqa: E402
from backend.weights.files.download_list import Download, read_downloads  # noqa: E402
from backend.weights.files.model_file import BASE_TITLES, PAINTED_WITH  # noqa: E402

TARGET = REPO / "docs" / "models.md"
HUB = "https://huggingface.co"

HEAD = """# Models

*Made by `scripts/make_models_docs.py` from `models/catalogue.toml` and `models/downloads.toml`.*

## Your own

Point at the folder of your ComfyUI, A1111 or Krita AI models once; everything below it is found, and nothing
is copied or moved:

```
underdrawing models folders add ~/ComfyUI/models
underdrawing models list
```

Every file is told by the names and shapes in its header, never by its name, in a few milliseconds.
{families} can be used; other families are listed and left alone.
Whole models may be one `.safetensors` file or a folder in diffusers layout. A pickled file (`.ckpt`, `.pt`,
`.pth`, `.bin`) is never opened, because opening one can run programs: get the same model as `.safetensors`.

## What ships

| id | model | licence |
|---|---|---|
"""

FETCH = """
## What can be fetched

```
underdrawing models get sd15
```

A download that breaks off goes on where it stopped, and every byte is compared with the hash that the hub
promises. It lies in the backend's folder, or in another one with `--in`. `underdrawing models verify` reads
everything again; `underdrawing models remove` deletes what was fetched, and nothing else.

- **A mirror**: set `HF_ENDPOINT` to its address. Proxies are taken from `HTTPS_PROXY`.
- **No network**: with `UNDERDRAWING_OFFLINE=1` or `HF_HUB_OFFLINE=1` nothing is ever fetched.
- **Models behind a licence**: accept it on the model's page, and set `HF_TOKEN` to a token of yours.

Sizes are rounded; the exact one is asked for before anything is fetched. Look at a licence before you use
what you painted.

| id | what | family | size | licence | what it is good for |
|---|---|---|---|---|---|
"""


def document() -> str:
    """The whole page."""
    named = BASE_TITLES.items()
    families = " and ".join(title for base, title in named if base in PAINTED_WITH - {"embedded"})
    shipped = (
        f"| `{family.id}` | {family.title} | {family.licence} |" for family in read_catalogue().values()
    )
    offered = map(row, read_downloads().values())
    return HEAD.format(families=families) + _lines(shipped) + FETCH + _lines(offered)


def row(entry: Download) -> str:
    """One entry's row of the table."""
    what = f"[{entry.title}]({HUB}/{entry.repo}), {KIND_TITLES[entry.kind]}"
    size = readable(entry.about_bytes)
    return f"| `{entry.id}` | {what} | {BASE_SHORT[entry.base]} | {size} | {entry.licence} | {entry.why} |"


def _lines(rows: Iterable[str]) -> str:
    return "".join(f"{each}\n" for each in rows)


if __name__ == "__main__":
    TARGET.write_text(document(), encoding="utf-8")
