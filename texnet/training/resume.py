"""Where a training is resumed from, whether in its own folder, and what a fork takes along."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from texnet.checkpoint import SETTINGS
from texnet.monitoring.jsonl import METRICS, PREVIEWS
from texnet.training.run_folder import LATEST


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
