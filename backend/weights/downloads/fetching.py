# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetch, check and remove the models of models/downloads.toml.

Each entry lies in a folder of its own below one that the artist chooses. It is gathered in a hidden folder
beside it and takes its place when every byte is there and is what was promised. No file that was not fetched
is ever deleted.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from backend import home
from backend.weights.downloads import hub
from backend.weights.downloads.hub import CheckCancel, Part, Patience, Source
from backend.weights.downloads.meter import Meter, Progress
from backend.weights.downloads.model_folders import models_folder
from backend.weights.files.catalogue import sha256
from backend.weights.files.download_list import Download, RemoteFile
from backend.weights.files.header import read_header
from backend.weights.files.recognise import INDEX
from shared.errors import BadRequest, MissingWeights, Refusal

RECORD = ".underdrawing.json"
"""What was fetched: every file's length and hash, kept beside the files."""

SPARE_BYTES = 200_000_000
"""What a download leaves free on the disk."""


def place(entry: Download, folder: Path | None = None) -> Path:
    """The entry's own folder."""
    return (folder or models_folder()) / entry.id


def is_here(entry: Download, folder: Path | None = None) -> bool:
    """Whether every file is there, with the length that it came with; looks at no contents."""
    own = place(entry, folder)
    known = _record(own)
    return all(
        (own / file.to).is_file() and (own / file.to).stat().st_size == known.get(file.to, {}).get("size")
        for file in entry.files
    )


def get(
    entry: Download,
    folder: Path | None = None,
    report: Callable[[Progress], None] | None = None,
    check_cancel: CheckCancel | None = None,
    *,
    patience: Patience | None = None,
) -> Path:
    """Fetch an entry, or what is missing of it.

    Args:
        folder: Where models go; None for the backend's own.
        report: Told ten times a second where it stands.

    Returns:
        The entry's own folder.

    Raises:
        Refusal: it cannot be had; the remedy says what to do. What came is kept and used next time.
        Cancelled: the artist wants to stop. What came is kept.
    """
    own = place(entry, folder)
    if is_here(entry, folder):
        return own
    if home.is_offline():
        raise Refusal(
            f"{entry.title} is not here, and downloads are switched off.",
            "Allow them (unset UNDERDRAWING_OFFLINE and HF_HUB_OFFLINE, or delete the file `offline`).",
        )
    if own.exists() and not _record(own) and any(own.iterdir()):
        raise Refusal(f"{own} holds something else already.", "Move it away, or choose another folder.")
    staging = _staging(own)
    check, patience = check_cancel or _nothing, patience or Patience()
    try:
        staging.mkdir(parents=True, exist_ok=True)
        with _alone(staging, entry), hub.online():
            _gather(entry, own, report or _nothing, check, patience)
            _move(entry, staging, own)
    except OSError as fault:
        raise hub.from_disk(fault) from fault
    return own


def _staging(own: Path) -> Path:
    return own.with_name(f".getting-{own.name}")


def _nothing(*_: object) -> None:
    pass


def _alone(staging: Path, entry: Download) -> Any:
    """A lock: two programs must not write to the same files."""
    from filelock import FileLock, Timeout

    lock = FileLock(staging.with_name(f"{staging.name}.lock"))
    try:
        return lock.acquire(blocking=False)
    except Timeout as fault:
        raise Refusal(f"{entry.title} is being fetched already.", "Wait for the other download.") from fault


def _gather(
    entry: Download,
    own: Path,
    report: Callable[[Progress], None],
    check_cancel: CheckCancel,
    patience: Patience,
) -> None:
    """Everything that is promised and not in its place, compared and written down."""
    staging = _staging(own)
    sources: list[tuple[RemoteFile, Source]] = []
    for file in entry.files:
        check_cancel()
        source = hub.describe(entry.repo, entry.revision, file.name, patience)
        if file.sha256 and hub.SHA256.fullmatch(source.etag) and source.etag != file.sha256:
            raise _another(entry, file)
        sources.append((file, source))
    known = {name: fields for root in (own, staging) for name, fields in _record(root).items()}
    total = sum(source.size_bytes for _, source in sources)
    here = [source for file, source in sources if _has(file, source, known, own, staging)]
    wanted = total - sum(source.size_bytes for source in here) - sum(map(_size, staging.glob(".*.part")))
    _check_room(staging, entry, wanted)
    meter = Meter(total, report)
    for file, source in sources:
        if source in here:
            meter.add(source.size_bytes)
            continue
        known[file.to] = _gather_file(entry, file, source, staging, meter, check_cancel, patience)
        (staging / RECORD).write_text(json.dumps(known, indent=1), encoding="utf-8")
    (staging / RECORD).write_text(json.dumps(known, indent=1), encoding="utf-8")


def _has(file: RemoteFile, source: Source, known: dict[str, dict[str, Any]], *roots: Path) -> bool:
    """Whether the file came before, and is still what the server has."""
    same = known.get(file.to, {}).get("etag") == source.etag
    return same and any(_size(root / file.to) == source.size_bytes for root in roots)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1


def _gather_file(
    entry: Download,
    file: RemoteFile,
    source: Source,
    staging: Path,
    meter: Meter,
    check_cancel: CheckCancel,
    patience: Patience,
) -> dict[str, Any]:
    """One file; returns what is to be remembered of it."""
    kept = staging / f".{source.etag[:64].replace('/', '_')}.part"
    part = Part(kept, source.size_bytes, check_cancel)
    meter.begin(file.to, part)
    hub.fetch(source, part, meter.tick, check_cancel, patience)
    found = part.sha256.hexdigest()
    if file.sha256 and found != file.sha256:
        kept.unlink()
        raise _another(entry, file)
    target = staging / file.to
    target.parent.mkdir(parents=True, exist_ok=True)
    kept.replace(target)
    if target.suffix == ".safetensors":
        read_header(target)
    meter.end()
    return {"size": source.size_bytes, "sha256": found, "etag": source.etag, "commit": source.commit}


def _another(entry: Download, file: RemoteFile) -> Refusal:
    return Refusal(
        f"{hub.endpoint()} gives another {file.name} of {entry.repo} than the one known here.",
        "It was changed there: look for a newer version of this program.",
    )


def _move(entry: Download, staging: Path, own: Path) -> None:
    """Put what was gathered in its place; the index of a whole model comes last."""
    for file in sorted(entry.files, key=lambda file: file.to == INDEX):
        if (staging / file.to).exists():
            (own / file.to).parent.mkdir(parents=True, exist_ok=True)
            (staging / file.to).replace(own / file.to)
    (staging / RECORD).replace(own / RECORD)
    shutil.rmtree(staging)


def verify(entry: Download, folder: Path | None = None) -> None:
    """Read every file and compare it with what came.

    Raises:
        MissingWeights: a file is missing or has changed.
    """
    own = place(entry, folder)
    known = _record(own)
    remedy = f"Run `underdrawing models remove {entry.id}` and `underdrawing models get {entry.id}`."
    for file in entry.files:
        wanted = file.sha256 or known.get(file.to, {}).get("sha256")
        if not (own / file.to).is_file() or not wanted:
            raise MissingWeights(f"{entry.title}: {file.to} is missing.", remedy)
        if sha256(own / file.to) != wanted:
            raise MissingWeights(f"{entry.title}: {file.to} is damaged.", remedy)


def remove(entry: Download, folder: Path | None = None) -> int:
    """Delete what was fetched, also the half of a download that was not finished.

    Returns:
        How many bytes became free.

    Raises:
        BadRequest: nothing of it is here.
    """
    own = place(entry, folder)
    known = _record(own)
    doomed = [own / name for name in known if (own / name).is_file()]
    staging = _staging(own)
    doomed += [path for path in staging.rglob("*") if path.is_file()]
    if not doomed:
        raise BadRequest(f"{entry.title} is not here.", "See what is with `underdrawing models list`.")
    freed = sum(map(_size, doomed))
    try:
        for path in (*doomed, own / RECORD):
            path.unlink(missing_ok=True)
        shutil.rmtree(staging, ignore_errors=True)
        _remove_empty(own)
    except OSError as fault:
        raise hub.from_disk(fault) from fault
    return freed


def _remove_empty(folder: Path) -> None:
    """The folder and those in it, as far as they are empty."""
    inner = sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True)
    for path in (*inner, folder):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _check_room(staging: Path, entry: Download, wanted: int) -> None:
    free = shutil.disk_usage(staging).free
    if wanted + SPARE_BYTES > free:
        raise Refusal(
            f"{entry.title} needs {wanted / 1e9:.1f} GB more, and the disk has {free / 1e9:.1f} GB free.",
            "Make room, or choose a folder on another disk.",
        )


def _record(folder: Path) -> dict[str, dict[str, Any]]:
    try:
        known: Any = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # nothing is known of what lies there: it is fetched again
    listed = cast("dict[str, Any]", known) if isinstance(known, dict) else {}
    return {name: fields for name, fields in listed.items() if isinstance(fields, dict)}
