"""Files and folders: finding pictures, and writing files atomically."""

from __future__ import annotations

import glob
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from texnet.errors import UserError

EXTENSIONS = (
    *(".avif", ".bmp", ".gif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm"),
    *(".png", ".ppm", ".tga", ".tif", ".tiff", ".webp"),
)


def write_atomically(path: str | Path, data: bytes | Iterable[bytes]) -> None:
    """Write a file, whole or in parts, under a temporary name, then rename it: readers see the old or the new file."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines([data] if isinstance(data, bytes) else data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_json(path: str | Path) -> Any:
    """The content of a JSON file; UserError names one that is damaged."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:  # no JSON, or no text at all
        raise UserError(f"{path}: damaged, not JSON ({error}); restore or delete it") from error


def link_atomically(source: Path, target: Path) -> None:
    """Give a file a second name in the same folder, replacing what had it; a copy where the file system has no hard links."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        temporary.unlink(missing_ok=True)
        os.link(source, temporary)
    except OSError:
        write_atomically(target, source.read_bytes())
        return
    os.replace(temporary, target)


def find_pictures(folder: str | Path) -> list[Path]:
    """All files below a folder, at any depth, that look like pictures by name, sorted; hidden ones left out.

    Symbolic links are followed; each folder is visited once.
    """
    found: list[Path] = []
    seen: set[Path] = set()
    for root, folders, names in os.walk(folder, followlinks=True):
        place = Path(root).resolve()
        if place in seen:
            folders.clear()
            continue
        seen.add(place)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            if not name.startswith(".") and Path(name).suffix.lower() in EXTENSIONS:
                found.append(Path(root, name))
    return sorted(found)


def expand_paths(arguments: Iterable[str]) -> Iterator[tuple[Path, Path]]:
    """Files, folders and globs -> pairs (picture, folder it was found under). FileNotFoundError names what is not there."""
    for argument in arguments:
        path = Path(argument)
        if path.is_dir():
            pictures = find_pictures(path)
            if not pictures:
                raise FileNotFoundError(f"no pictures found in {argument}")
            yield from ((found, path) for found in pictures)
        elif path.exists():
            yield path, path.parent
        else:
            matches = [Path(match) for match in sorted(glob.glob(argument, recursive=True))]
            if not matches:
                raise FileNotFoundError(f"{argument}: no such picture, folder or pattern")
            yield from ((match, match.parent) for match in matches if match.is_file())
