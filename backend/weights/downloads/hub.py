# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
"""One file from the Hugging Face hub or a mirror: what it is, and its bytes, taken up where they stopped.

huggingface_hub brings the session (proxies, certificates, tokens, redirects). Its own downloads throw away
what came when they break, and hand out ten megabytes at a time; so the bytes are taken here.
"""

from __future__ import annotations

import errno
import hashlib
import importlib
import os
import re
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.errors import Refusal

ENDPOINT = "https://huggingface.co"
CHUNK_BYTES = 1 << 20
SHA256, GIT_BLOB = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{40}")
"""The hub names a large file by its SHA-256 and a small one as git does."""

LATER = "Try again later; what came is kept, and the rest is fetched then."
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

CheckCancel = Callable[[], None]
"""Raises Cancelled when the artist wants to stop."""


@dataclass(frozen=True)
class Patience:
    """How long to wait for a server.

    Args:
        stall_s: Seconds without a byte.
        tries: How often in a row without a new byte.
        pause_s: Seconds between tries.
    """

    stall_s: float = 15.0
    tries: int = 5
    pause_s: float = 1.0


@dataclass(frozen=True)
class Source:
    """A file as the server describes it.

    Args:
        etag: Its hash, see `SHA256` and `GIT_BLOB`.
        commit: The revision that was found.
    """

    repo: str
    name: str
    url: str
    size_bytes: int
    etag: str
    commit: str


class Part:
    """The bytes of a file that came so far, hashed as they come."""

    def __init__(self, path: Path, size_bytes: int, check_cancel: CheckCancel) -> None:
        self.path, self.size_bytes = path, size_bytes
        path.touch()
        self._begin()
        with path.open("rb") as file:
            while data := file.read(CHUNK_BYTES):
                check_cancel()
                self._hash(data)

    def _begin(self) -> None:
        self.done_bytes = 0
        self.sha256 = hashlib.sha256()
        self.git_blob = hashlib.sha1(b"blob %d\0" % self.size_bytes)

    def _hash(self, data: bytes) -> None:
        self.done_bytes += len(data)
        self.sha256.update(data)
        self.git_blob.update(data)

    def restart(self) -> None:
        os.truncate(self.path, 0)
        self._begin()

    def append(self, file: Any, data: bytes) -> None:
        file.write(data)
        self._hash(data)


def endpoint() -> str:
    """The hub, or the mirror that HF_ENDPOINT names."""
    return (os.environ.get("HF_ENDPOINT") or ENDPOINT).rstrip("/")


@contextmanager
def online() -> Generator[None]:
    """Let huggingface_hub use the network, for a download that the artist asked for."""
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = False
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def describe(repo: str, revision: str, name: str, patience: Patience) -> Source:
    """Ask the server for size and hash of a file.

    Raises:
        Refusal: it cannot be reached, has no such file, or does not say enough of it.
    """
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    url = hf_hub_url(repo, name, revision=revision, endpoint=endpoint())
    tries = 0
    while True:
        try:
            told = get_hf_file_metadata(url, timeout=patience.stall_s, endpoint=endpoint())
            break
        except Exception as fault:
            tries += 1
            if tries >= patience.tries or not _passes(fault):
                raise explained(fault, repo, name) from fault
            time.sleep(patience.pause_s)
    if told.size is None or told.etag is None:
        raise Refusal(
            f"{endpoint()} does not answer as a model hub does.", "Check HF_ENDPOINT and your proxy."
        )
    return Source(repo, name, url, told.size, told.etag, told.commit_hash or "")


def fetch(
    source: Source, part: Part, advanced: Callable[[], None], check_cancel: CheckCancel, patience: Patience
) -> None:
    """Bring `part` to its full length, and compare it with the server's hash.

    Args:
        advanced: Called after every piece that came.

    Raises:
        Refusal: it cannot be had, or is not what the server said. What came is kept, unless it is wrong.
        Cancelled: the artist wants to stop; what came is kept.
    """
    idle = 0
    if part.done_bytes > source.size_bytes:
        part.restart()
    while part.done_bytes < source.size_bytes:
        check_cancel()
        before, fault = part.done_bytes, None
        try:
            _stream(source, part, advanced, check_cancel, patience)
        except Exception as trouble:
            if not _passes(trouble):
                raise explained(trouble, source.repo, source.name) from trouble
            fault = trouble
        idle = 0 if part.done_bytes > before else idle + 1
        if idle >= patience.tries:
            raise explained(fault, source.repo, source.name) from fault
        if part.done_bytes < source.size_bytes:
            time.sleep(patience.pause_s)
    compare(part, source.etag, source.name)


def compare(part: Part, wanted: str, name: str) -> None:
    """Compare a whole part with a hash of either kind; throw it away if it differs.

    Raises:
        Refusal: it differs.
    """
    if SHA256.fullmatch(wanted):
        found = part.sha256.hexdigest()
    elif GIT_BLOB.fullmatch(wanted):
        found = part.git_blob.hexdigest()
    else:
        return  # a mirror with hashes of its own: only the length is known
    if found != wanted:
        part.path.unlink()
        raise Refusal(f"{name} came damaged: its hash is not the one that was promised.", "Fetch it again.")


def _stream(
    source: Source, part: Part, advanced: Callable[[], None], check_cancel: CheckCancel, patience: Patience
) -> None:
    """Ask for what is missing, and append it as it comes."""
    from huggingface_hub import get_session
    from huggingface_hub.utils import build_hf_headers, hf_raise_for_status

    headers = {**build_hf_headers(), "Accept-Encoding": "identity"}
    if part.done_bytes:
        headers["Range"] = f"bytes={part.done_bytes}-"
    with get_session().stream("GET", source.url, headers=headers, timeout=patience.stall_s) as response:
        if response.status_code == 416 or (
            part.done_bytes and not _goes_on(response.headers, part.done_bytes)
        ):
            part.restart()  # this server cannot go on in the middle
        if response.status_code == 416:
            return
        hf_raise_for_status(response)
        with part.path.open("ab") as file:
            for data in response.iter_raw():
                check_cancel()
                if part.done_bytes + len(data) > source.size_bytes:
                    raise Refusal(
                        f"{source.name} is longer than was promised.", "Fetch it again, or elsewhere."
                    )
                part.append(file, data)
                advanced()


def _goes_on(headers: Mapping[str, str], place: int) -> bool:
    return headers.get("Content-Range", "").startswith(f"bytes {place}-")


def _passes(fault: Exception) -> bool:
    """Whether the trouble may be over in a moment: a broken line, or a busy server."""
    if isinstance(fault, Refusal):
        return False
    busy = getattr(getattr(fault, "response", None), "status_code", 0)
    return isinstance(fault, _http().TransportError) or busy in (408, 429) or busy >= 500


def _http() -> Any:
    """The library beneath huggingface_hub's session; its name has changed once."""
    from huggingface_hub import get_session

    return importlib.import_module(type(get_session()).__module__.partition(".")[0])


def explained(fault: Exception | None, repo: str, name: str) -> Exception:
    """The fault in the artist's words; a bug, or a wish to stop, as it is."""
    from huggingface_hub import errors

    if isinstance(fault, errors.GatedRepoError):
        page = f"{endpoint()}/{repo}"
        return Refusal(
            f"{repo} is given only to those who accept its licence.",
            f"Accept it on {page}, make a token there, and set HF_TOKEN to it.",
        )
    if isinstance(fault, errors.RepositoryNotFoundError | errors.RevisionNotFoundError):
        return Refusal(
            f"{endpoint()} has no {repo} for you.", "It may have moved, or need HF_TOKEN to be set."
        )
    if isinstance(fault, errors.EntryNotFoundError):
        return Refusal(f"{repo} has no file {name} any more.", "Look for a newer version of this program.")
    if isinstance(fault, errors.HfHubHTTPError):
        return _by_status(fault.response.status_code, repo)
    if isinstance(fault, _http().TransportError) or fault is None:
        return _by_line(fault)
    return from_disk(fault) if isinstance(fault, OSError) else fault


def _by_status(status: int, repo: str) -> Refusal:
    if status in (401, 403):
        return Refusal(
            f"{endpoint()} does not give you {repo} ({status}).", "Set HF_TOKEN to a token that may read it."
        )
    if status == 404:
        return Refusal(f"{endpoint()} has no {repo} (404).", "Look for a newer version of this program.")
    return Refusal(f"{endpoint()} reports a server error ({status}).", LATER)


def _by_line(fault: Exception | None) -> Refusal:
    http, server = _http(), endpoint()
    if fault is None:
        return Refusal(f"{server} breaks off again and again.", LATER)
    if isinstance(fault, http.TimeoutException):
        return Refusal(f"{server} has stopped answering.", LATER)
    if isinstance(fault, http.ProxyError):
        return Refusal(
            f"Your proxy does not let {server} through.", "Check HTTPS_PROXY, or your network's settings."
        )
    if isinstance(fault, http.ConnectError):
        return Refusal(
            f"{server} cannot be reached ({fault}).", "Check your network; HF_ENDPOINT can name a mirror."
        )
    return Refusal(f"The connection to {server} breaks ({fault}).", LATER)


def from_disk(fault: OSError) -> Refusal:
    """A fault of the disk in the artist's words."""
    where = fault.filename or "the folder of the models"
    if fault.errno in FULL:
        return Refusal("The disk is full.", "Make room, or choose another folder; what came is kept.")
    return Refusal(
        f"{where} cannot be written ({fault.strerror}).", "Make it writable, or choose another folder."
    )
