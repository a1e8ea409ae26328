"""The folder of a run: made for it alone, and locked while it trains."""

from __future__ import annotations

import errno
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

from texnet.checkpoint import SETTINGS, plain_name
from texnet.errors import UserError
from texnet.files import numbered
from texnet.monitoring.jsonl import METRICS
from texnet.shipped import STYLE_FILE

LATEST, LOCK = "latest.pt", ".lock"
MOST_RUNS = 100_000  # of one name
NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}  # some network file systems


def new_folder(parent: Path, name: str, texture: str) -> Path:
    """Make the folder for a new run: the given name, or the texture's with a number where it is taken.

    It is made exclusively, so two trainings that start together get two folders. UserError where the given name is taken,
    whatever is in it.
    """
    stem = name or plain_name(Path(texture).stem)
    for folder in islice((parent / known for known in numbered(stem)), MOST_RUNS):
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            if name:
                remedy = (
                    f"continue that run with --resume {folder}" if (folder / LATEST).exists() else "delete what is left there"
                )
                raise UserError(f"--run_name {name}: {folder} exists; take another name, or {remedy}") from None
        else:
            return folder
    raise UserError(f"{parent}: too many runs are called {stem}; give --run_name")


def release_if_empty(folder: Path) -> None:
    """Remove a folder that a run has left nothing in."""
    with suppress(OSError):
        if {entry.name for entry in folder.iterdir()} <= {LOCK}:
            (folder / LOCK).unlink(missing_ok=True)
            folder.rmdir()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a run's folder, made where it is missing, for the length of a block; UserError where another process holds it.

    The system drops the lock with the process, however that ends. A file system without locks goes without.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(
                f"{folder}: another process trains in it; wait for its end, or continue in a folder of your own with --run_name"
            ) from None
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
        yield


def holds_run(folder: Path) -> bool:
    """Whether a run has left something in a folder."""
    return any((folder / name).exists() for name in (LATEST, STYLE_FILE, SETTINGS, METRICS))
