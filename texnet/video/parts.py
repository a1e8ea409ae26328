"""What is done of a video: its parts lie beside it until it is whole, so that an interrupted command can go on.

``clip.mp4.parts/`` holds ``job.json``, what was to be done, and a playable video for each part, named by its frames.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from torch import Tensor

from texnet.errors import UserError
from texnet.files import exists, read_json, write_atomically
from texnet.picture_files import Report
from texnet.video.writing import Encoding, VideoWriter, join

JOB = "job.json"
PART = re.compile(r"(\d{8})-(\d{8})")
FRAMES_PER_PART = 120


class Parts:
    """The parts of a video that is to be written to ``target``: those of an earlier run of the same job, and new ones.

    UserError where parts of another job lie there, FileExistsError where the video is there; with ``overwrite`` both go.
    """

    def __init__(self, target: Path, job: dict[str, Any], *, overwrite: bool, log: Report) -> None:
        self.target = target
        self.folder = target.with_name(target.name + ".parts")
        self._writer: VideoWriter | None = None
        is_same = claim(self.folder, job, overwrite=overwrite)
        if exists(target) and not is_same and not overwrite:
            raise FileExistsError(f"{target} exists already: give --overwrite, or another --output")
        self.files = self._find()
        self.num_done = self._end_of(self.files[-1]) if self.files else 0
        self._job = job
        if self.num_done:
            log(f"{self.num_done} frames are there from an earlier run, which goes on")

    def begin(self) -> None:
        """Make the folder."""
        write_atomically(self.folder / JOB, json.dumps(self._job, indent=1).encode())

    def write(self, image: Tensor, pts: int, duration: int, encoding: Encoding) -> None:
        """Add a frame: see :meth:`VideoWriter.write`."""
        if self._writer is None:
            self._writer = VideoWriter(self.folder / f"new{self.target.suffix}", encoding)
        self._writer.write(image, pts, duration)
        if self._writer.num_frames >= FRAMES_PER_PART:
            self.close_part()

    def close_part(self) -> None:
        """End the part, so that it can be played."""
        if self._writer is None:
            return
        writer, self._writer = self._writer, None
        end = self.num_done + writer.num_frames
        writer.path = self.folder / f"{self.num_done:08}-{end:08}{self.target.suffix}"
        writer.close()
        if writer.num_frames:  # an encoder that refused the first has none
            self.num_done = end
            self.files.append(writer.path)

    def finish(self, sound: Path | None, end: float | None) -> None:
        """Make the video of the parts, with the sound of a file.

        Up to ``end`` seconds, where that is not all, and the parts are kept; else the folder goes.
        """
        if self.files:
            join(self.files, self.target, sound, end)
        if end is None:
            clear(self.folder)

    def _find(self) -> list[Path]:
        """The parts that follow one another from the first frame on."""
        found: list[Path] = []
        for path in sorted(self.folder.glob(f"*{self.target.suffix}")):
            match = PART.fullmatch(path.stem)
            if match and int(match[1]) == (self._end_of(found[-1]) if found else 0):
                found.append(path)
        return found

    @staticmethod
    def _end_of(path: Path) -> int:
        return int(path.stem.split("-")[1])


def claim(folder: Path, job: dict[str, Any], *, overwrite: bool) -> bool:
    """Whether a folder holds the beginning of this very job. UserError where it is of another one; ``overwrite`` drops that."""
    if not exists(folder / JOB):
        return False
    if read_json(folder / JOB) == json.loads(json.dumps(job)):
        return True
    if not overwrite:
        raise UserError(f"{folder}: the beginning of a video by another command; give --overwrite to drop it, or delete it")
    clear(folder)
    return False


def clear(folder: Path) -> None:
    """Delete what texnet wrote into a folder of parts, and the folder where that was all."""
    for path in folder.iterdir():
        if path.name == JOB or PART.fullmatch(path.stem) or path.name.startswith("."):
            path.unlink()
    with suppress(OSError):
        folder.rmdir()
