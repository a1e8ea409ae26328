"""The folder of a run: made for it alone, locked while it trains, found again to continue, and copied for a fork."""

from __future__ import annotations

import errno
import fcntl
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from texnet.checkpoint import SETTINGS, plain_name
from texnet.errors import UserError
from texnet.monitoring.jsonl import METRICS, PREVIEWS

LATEST, STYLE_FILE, LOCK = "latest.pt", "style.pt", ".lock"
NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}  # some network file systems


def new_folder(parent: Path, name: str, texture: str) -> Path:
    """Make the folder for a new run: the given name, or the texture's with a number where it is taken.

    It is made exclusively, so two trainings that start together get two folders. UserError where the given name is taken,
    whatever is in it.
    """
    stem = name or plain_name(Path(texture).stem)
    for number in range(1, 100_000):
        folder = parent / (stem if number == 1 else f"{stem}-{number}")
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


def newest_run(parent: Path, name: str) -> Path:
    """The folder in which training saved last, among those of a name, numbered or not; of all for an empty name.

    FileNotFoundError where there is none.
    """
    saved = {path.parent: path.stat().st_mtime for path in parent.glob(f"*/{LATEST}")}
    runs = [run for run in saved if not name or re.fullmatch(rf"{re.escape(name)}(-\d+)?", run.name)]
    if not runs:
        raise FileNotFoundError(f"--resume: no run {name + ' ' if name else ''}to continue in {parent}; name its folder")
    return max(runs, key=lambda run: saved[run])


def find_checkpoint(place: Path) -> Path:
    """The checkpoint to resume from: the file itself, or latest.pt of a run's folder."""
    path = place / LATEST if place.is_dir() else place
    if not path.is_file():
        raise FileNotFoundError(f"--resume {place}: no {LATEST} in it" if place.is_dir() else f"--resume {place}: no such file")
    return path


def is_latest_of_run(checkpoint: Path) -> bool:
    """Whether a checkpoint is the newest of the run whose folder it lies in, so that the run can go on there."""
    latest = checkpoint.with_name(LATEST)
    return checkpoint.with_name(SETTINGS).is_file() and latest.is_file() and checkpoint.samefile(latest)


def copy_history(checkpoint: Path, folder: Path) -> None:
    """Copy the metrics and previews beside a checkpoint into the new folder that it is continued in."""
    if checkpoint.parent.resolve() == folder.resolve():
        return
    if (metrics := checkpoint.with_name(METRICS)).is_file():
        shutil.copyfile(metrics, folder / METRICS)
    if (previews := checkpoint.with_name(PREVIEWS)).is_dir():
        shutil.copytree(previews, folder / PREVIEWS, copy_function=shutil.copyfile)
