"""Reports in the run's folder: metrics.jsonl and previews, from which every view of a run is made."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import Tensor

from texnet.errors import UserError
from texnet.files import write_atomically
from texnet.images import save_image
from texnet.monitoring.base import Monitor, Record

METRICS = "metrics.jsonl"
PREVIEWS = "previews"


class JsonlMonitor(Monitor):
    """Appends a line to metrics.jsonl at each log step and saves each preview as PNG.

    ``first_step`` is the step of the checkpoint that a run continues from, or 0: later lines and previews are removed.
    What cannot be written, as on a full disk, is reported to ``log``: lines are written later, previews are left out.
    """

    def __init__(self, folder: Path, first_step: int = 0, log: Callable[[str], None] = lambda text: None) -> None:
        self.folder = folder
        self._path = folder / METRICS
        self._log = log
        self._pending = b""
        self._fails = False
        kept = [line for line in self._sound_lines() if line["step"] <= first_step]
        write_atomically(self._path, "".join(json.dumps(line) + "\n" for line in kept).encode())
        for preview in (folder / PREVIEWS).glob("step-*.png"):
            if _step_of(preview) > first_step:
                preview.unlink()

    def record(self, record: Record) -> None:
        line = {"step": record.step, "epoch": record.epoch, "seconds": round(record.seconds, 3), **record.values}
        self._pending += (json.dumps(line) + "\n").encode()
        self._flush()

    def preview(self, step: int, image: Tensor) -> None:
        path = self.folder / PREVIEWS / f"step-{step:06d}.png"
        try:
            save_image(image, path)
        except OSError as error:
            self._log(f"the preview of step {step} is not saved: {error}; training goes on")

    def close(self) -> None:
        self._flush()

    def _sound_lines(self) -> list[dict[str, Any]]:
        """The lines of a run that is continued; damaged ones, as after a power failure, are left out with a message."""
        sound, damaged = [], 0
        data = self._path.read_bytes() if self._path.is_file() else b""
        for line in data[: data.rfind(b"\n") + 1].splitlines():  # an incomplete last line is that of a killed process
            try:
                parsed = json.loads(line)
                sound.append({**parsed, "step": int(parsed["step"])})
            except (ValueError, TypeError, KeyError):
                damaged += 1
        if damaged:
            self._log(f"{self._path}: {damaged} damaged lines are left out")
        return sound

    def _flush(self) -> None:
        """Append the lines that are not in the file yet; it is opened each time, as the folder may have been replaced."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _append(self._path, self._pending)
            self._pending, self._fails = b"", False
        except OSError as error:
            if not self._fails:
                self._log(f"{self._path} cannot be written: {error}; training goes on, its lines are written later")
            self._fails = True


def _append(path: Path, data: bytes) -> None:
    """Append bytes to a file, all or nothing."""
    with path.open("ab", buffering=0) as file:
        end = file.tell()
        try:
            if file.write(data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        except OSError:
            file.truncate(end)
            raise


def read_metrics(path: Path) -> list[dict[str, Any]]:
    """The lines of a metrics.jsonl, none where there is no file. An incomplete last line is ignored."""
    return MetricsTail(path).read()


class MetricsTail:
    """Reads what was appended to a metrics.jsonl since the last read, and notices when the file was replaced."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._position = 0
        self._inode = 0
        self.restarted = False

    def read(self) -> list[dict[str, Any]]:
        """New complete lines; ``restarted`` says whether they replace all earlier ones. UserError at a damaged line."""
        self.restarted = False
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            return []
        with file:
            status = os.fstat(file.fileno())
            restarted = status.st_ino != self._inode or status.st_size < self._position
            position = 0 if restarted else self._position
            file.seek(position)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        lines = [self._parse(line) for line in whole.splitlines() if line.strip()]
        self._inode, self._position, self.restarted = status.st_ino, position + len(whole), restarted
        return lines

    def _parse(self, line: bytes) -> dict[str, Any]:
        try:
            parsed: dict[str, Any] = json.loads(line)
        except ValueError as error:
            raise UserError(f"{self.path}: a damaged line, remove it: {line[:60]!r}") from error
        return parsed


def latest_preview(folder: Path) -> Path | None:
    """The preview of the highest step, None before the first."""
    return max((folder / PREVIEWS).glob("step-*.png"), key=_step_of, default=None)


def _step_of(preview: Path) -> int:
    """The step in a preview's name; -1 for another file."""
    number = preview.stem.removeprefix("step-")
    return int(number) if number.isdecimal() else -1
