# SPDX-License-Identifier: GPL-3.0-or-later
"""Every model in one list, in the artist's words: what is here, what can be had, what cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from backend import home
from backend.weights.downloads import fetching as downloads
from backend.weights.downloads import model_folders as library
from backend.weights.downloads.meter import Progress
from backend.weights.files.catalogue import REPAIR, read_catalogue
from backend.weights.files.download_list import Download, find_entry, read_downloads
from backend.weights.files.model_file import BASE_TITLES, Base, Kind, ModelFile
from shared.model_messages import ModelInfo, ModelProgress, Models

KIND_TITLES: dict[Kind, str] = {
    "checkpoint": "checkpoint",
    "unet": "UNet",
    "vae": "VAE",
    "tiny_vae": "preview decoder",
    "text_encoder": "text encoder",
    "image_encoder": "image encoder",
    "lora": "LoRA",
    "textual_inversion": "textual inversion",
    "t2i_adapter": "stroke adapter",
    "controlnet": "ControlNet",
    "upscaler": "upscaler",
    "unknown": "unknown",
}
SHORT: dict[Base, str] = {"sd15": "SD 1.5", "sd2": "SD 2", "sdxl": "SDXL", "unknown": ""}


class ModelShelf:
    """What `backend.server.models` asks of the models on this machine."""

    def models(self) -> Models:
        """Everything, after looking through the folders again."""
        entries = read_downloads()
        own = {downloads.place(entry): entry for entry in entries.values()}
        notes: list[str] = []
        downloaded = [library.models_folder()] if library.models_folder().is_dir() else []
        files = library.scan([*library.folders(), *downloaded], notes.append)
        return Models(
            folders=tuple(map(str, library.folders())),
            models=(
                *_shipped(),
                *(_found(file, own) for file in files),
                *(_offered(entry) for entry in entries.values() if not downloads.is_here(entry)),
            ),
            target=str(library.models_folder()),
            offline=home.is_offline(),
            problem=" ".join(notes),
        )

    def use_folder(self, folder: str, use: bool) -> None:
        """See `library.add_folder` and `library.remove_folder`."""
        (library.add_folder if use else library.remove_folder)(Path(folder))

    def get(self, id: str, grown: Callable[[ModelProgress], None], check: Callable[[], None]) -> None:
        """See `downloads.get`."""

        def tell(progress: Progress) -> None:
            grown(
                ModelProgress(
                    id,
                    True,
                    progress.done_bytes,
                    progress.total_bytes,
                    progress.bytes_per_second,
                    progress.seconds_left,
                )
            )

        downloads.get(find_entry(id), report=tell, check_cancel=check)


def _shipped() -> Iterator[ModelInfo]:
    """The families of the catalogue."""
    for family in read_catalogue().values():
        missing = family.missing()
        yield ModelInfo(
            family.title,
            KIND_TITLES["checkpoint"],
            f"{family.resolution} px",
            sum(path.stat().st_size for path in family.folder.rglob("*.safetensors")),
            "unusable" if missing else "ready",
            what="Comes with Underdrawing and paints on any computer.",
            licence=family.licence,
            place=str(family.folder),
            problem=f"{missing[0]} is missing. {REPAIR}" if missing else "",
        )


def _found(file: ModelFile, own: dict[Path, Download]) -> ModelInfo:
    """A file of the artist's, or one that was fetched and is called as in the list of downloads."""
    entry = next((own[folder] for folder in (file.path, *file.path.parents) if folder in own), None)
    return ModelInfo(
        entry.title if entry else file.title,
        KIND_TITLES[file.kind],
        SHORT.get(file.base, BASE_TITLES[file.base]),
        file.size_bytes,
        "ready" if file.usable else "unusable",
        what=entry.why if entry else "",
        licence=entry.licence if entry else "",
        place=str(file.path),
        problem=f"{file.problem} {file.remedy}".strip(),
    )


def _offered(entry: Download) -> ModelInfo:
    titles: dict[str, str] = dict(KIND_TITLES.items())
    bases: dict[str, str] = dict(SHORT.items())
    return ModelInfo(
        entry.title,
        titles.get(entry.kind, entry.kind),
        bases.get(entry.base, entry.base),
        entry.about_bytes,
        "missing",
        id=entry.id,
        what=entry.why,
        licence=entry.licence,
    )
