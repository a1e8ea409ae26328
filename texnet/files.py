"""Files that are written whole or not at all, JSON files, and which arguments name a file."""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

from texnet.errors import UserError

NOT_OFFERED = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}  # answers of file systems that lack something


def write_atomically(path: str | Path, data: bytes | Iterable[bytes]) -> None:
    """Write a file, whole or in parts, under a temporary name, then rename it: readers see the old or the new file.

    Its permissions are those of any new file, by the process's umask. OSError names ``path``, whatever failed: the old file
    is then as it was, and no temporary one is left.
    """
    path = Path(path)
    with _naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary, handle = _open_beside(path)
    try:
        try:
            for part in [data] if isinstance(data, bytes) else data:
                _write_all(handle, part, path)
            with _naming(path):
                _to_disk(handle)
        finally:
            with _naming(path):
                os.close(handle)  # here network file systems tell of a full disk
        with _naming(path):
            _rename(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def read_json(path: str | Path) -> Any:
    """The content of a JSON file; UserError names one that is damaged."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:  # no JSON, or no text at all
        raise UserError(f"{path}: damaged, not JSON ({error}); restore or delete it") from error


def link_atomically(source: Path, target: Path) -> None:
    """Give a file a second name in the same folder, replacing what had it; a copy where the file system has no hard links."""
    temporary = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        os.link(source, temporary)
    except OSError:
        write_atomically(target, source.read_bytes())
        return
    try:
        with _naming(target):
            os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)  # still there after an error, and where both were one file already


def numbered(stem: str, suffix: str = "") -> Iterator[str]:
    """Names of which one is free: STEM, STEM-2, STEM-3 and so on, each with the suffix."""
    yield stem + suffix
    for number in count(2):
        yield f"{stem}-{number}{suffix}"


def read_tail(path: Path, size: int) -> bytes:
    """The last ``size`` bytes of a file, all of a shorter one; OSError where it cannot be read."""
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - size))
        return file.read()


def names_file(output: str) -> bool:
    """Whether an ``--output`` names a file: it has a suffix, known or not, and neither ends in a slash nor is a folder.

    ``at_0.5`` is a folder's name: no format's suffix begins with a digit.
    """
    has_suffix = re.fullmatch(r"\.[A-Za-z][A-Za-z0-9]{0,9}", Path(output).suffix) is not None
    return has_suffix and not output.endswith(("/", os.sep)) and not is_folder(output)


def is_folder(path: str | Path) -> bool:
    """``Path.is_dir``, which also answers where a name is too long or a folder on the way cannot be read."""
    return os.path.isdir(path)  # noqa: PTH112


def exists(path: str | Path) -> bool:
    """``Path.exists``, which also answers where a name is too long or a folder on the way cannot be read."""
    return os.path.exists(path)  # noqa: PTH110


def _open_beside(path: Path) -> tuple[Path, int]:
    """A new file of an unlikely name beside ``path``, and its handle; the kernel applies the umask, so nothing needs chmod."""
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    return temporary, os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)


def _write_all(handle: int, part: bytes, path: Path) -> None:
    rest = memoryview(part)
    while rest:
        with _naming(path):
            rest = rest[os.write(handle, rest) :]


def _to_disk(handle: int) -> None:
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in NOT_OFFERED:
            raise


def _rename(temporary: Path, path: Path) -> None:
    try:
        os.replace(temporary, path)
    except OSError as error:
        if error.errno not in NOT_OFFERED - {errno.EINVAL}:
            raise
        path.write_bytes(temporary.read_bytes())  # object stores without renaming write a file whole when it is closed
        temporary.unlink()


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Let an OSError of the block name the file that was to be written, not a temporary one or a folder."""
    try:
        yield
    except FileExistsError as error:  # from mkdir: a file where a folder should be
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path)) from error
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise
