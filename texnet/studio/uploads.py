"""What a page uploads: counted while it streams, kept under a name of our own, and decoded before anything uses it."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from texnet.files import numbered
from texnet.picture_files import VIDEOS
from texnet.studio.error_responses import Refusal

MEGABYTE = 2**20
LONGEST_NAME = 80  # letters of a name that is kept
KINDS = {  # what a page may upload: the endings that it may have
    "picture": frozenset({".jpg", ".jpeg", ".png", ".webp", ".avif", ".bmp", ".tif", ".tiff", ".gif"}),
    "network": frozenset({".pt", ".pth"}),
    "video": frozenset(VIDEOS),
}
LIMITS = {"video": "--max_video"}  # flags that raise the limit of a kind; of the others --max_upload
SPARED = 256 * MEGABYTE  # of a disk: an upload leaves so much for what runs


async def read_body(request: Request, limit: int) -> bytes:
    """A request's body; Refusal 413 as soon as it is longer than ``limit`` bytes."""
    if _length(request) > limit:
        raise Refusal(413, f"more than {limit} bytes")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit:
            raise Refusal(413, f"more than {limit} bytes")
    return bytes(body)


async def save_upload(request: Request, folder: Path, kind: str, limit: int) -> Path:
    """Stream a request's body into a new file of a folder, named after the query's ``name``; the file.

    Refusal for another ending than those of the kind, for an empty body, for more than ``limit`` bytes and for more than the
    disk holds; nothing is kept.
    """
    stem, suffix = _safe_name(request.query_params.get("name", ""), kind)
    too_large = Refusal(413, f"larger than {limit // MEGABYTE} MB, see {LIMITS.get(kind, '--max_upload')}")
    if _length(request) > limit:
        raise too_large
    if _length(request) > shutil.disk_usage(folder).free - SPARED:
        raise Refusal(507, f"{_length(request) // MEGABYTE} MB do not fit on the studio's disk")
    target, opened = await run_in_threadpool(open_new, folder, stem, suffix)
    size = 0
    try:
        with opened as file:
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    raise too_large
                await run_in_threadpool(file.write, part)
        if not size:
            raise Refusal(400, "the file is empty")
    except BaseException:  # also of a browser that leaves in the middle
        with suppress(OSError):
            target.unlink()
        raise
    return target


def plain_stem(name: str) -> str:
    """Letters, digits, dashes and underscores of a name, for a file or a folder; ``picture`` where nothing is left."""
    stem = re.sub(r"[^\w-]+", "_", Path(os.path.basename(name)).stem).strip("_")  # noqa: PTH119
    return stem[:LONGEST_NAME] or "picture"


def open_new(folder: Path, stem: str, suffix: str) -> tuple[Path, BinaryIO]:
    """A new file of a folder, numbered where the name is taken, and its handle."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in numbered(stem, suffix):
        with suppress(FileExistsError):
            return folder / name, (folder / name).open("xb")
    raise AssertionError


def _safe_name(name: str, kind: str) -> tuple[str, str]:
    suffix = Path(name).suffix.lower()
    endings = KINDS.get(kind, frozenset())
    if suffix not in endings:
        raise Refusal(415, f"{suffix or 'a name without ending'}: not a {kind} of a kind that can be read here")
    return plain_stem(name), suffix


def _length(request: Request) -> int:
    """Of a request's body, as it claims itself; 0 where it does not."""
    length = request.headers.get("content-length", "0")
    return int(length) if length.isdecimal() else 0
