"""Films as folders of numbered pictures, in and out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from torch import Tensor

from texnet.errors import UnreadablePictureError, UserError
from texnet.files import exists, read_json, write_atomically
from texnet.images import Picture, check_writable, load_image, save_stylized, to_bytes
from texnet.picture_files import find_pictures
from texnet.video.parts import JOB
from texnet.video.reading import Facts, Frame

NUMBER = re.compile(r"%0?(\d*)d")  # as in frames/%05d.png


class FolderReader:
    """Reads the pictures of a folder as the frames of a film, in the order of the numbers in their names.

    Used like a :class:`texnet.video.reading.VideoReader`. UserError where there are none, or one has another size.
    """

    def __init__(self, folder: str | Path, rate: Fraction) -> None:
        self.path = Path(folder)
        self.files = sorted(find_pictures(self.path), key=_by_number)
        if not self.files:
            raise UserError(f"{folder}: no pictures in it, so no frames of a film")
        height, width = load_image(self.files[0]).shape[2:]
        self.facts = Facts((height, width), 1 / rate, rate, len(self.files))

    def __iter__(self) -> Iterator[Frame]:
        """Each frame; an unreadable one is told by ``facts.problems``, and the one before is shown on."""
        for before, after in pairwise(self.files):
            first, second = _number(before), _number(after)
            if first is not None and second is not None and second > first + 1:
                self.facts.problems.append(f"no frames between {before.name} and {after.name}; the film goes on without them")
        for pts, file in enumerate(self.files):
            try:
                image = load_image(file)
            except UnreadablePictureError as error:
                self.facts.problems.append(str(error))
                continue
            if tuple(image.shape[2:]) != self.facts.size:
                sizes = " and ".join(f"{width}x{height}" for height, width in (image.shape[2:], self.facts.size))
                raise UserError(f"{file}: another size than the frames before, {sizes}; frames of a film have one size")
            yield Frame(image, pts, 1)


class FrameFiles:
    """Writes frames as numbered pictures, ``painted/%05d.png``, from 1 on; of the same job those that are there are left.

    UserError for a pattern without a place for the number, FileExistsError where frames of another job are there.
    """

    def __init__(self, pattern: str, job: dict[str, Any], *, overwrite: bool) -> None:
        self.pattern = pattern
        check_writable(Path(pattern))
        if len(NUMBER.findall(pattern)) != 1 or not NUMBER.search(Path(pattern).name):
            raise UserError(f"--output {pattern}: give the number's place once, in the file's name, such as %05d.png")
        self._job, self._job_file = job, Path(pattern).with_name(f".{Path(pattern).name}.{JOB}")
        is_same = exists(self._job_file) and read_json(self._job_file) == json.loads(json.dumps(job))
        if exists(self.path(0)) and not is_same and not overwrite:
            raise FileExistsError(f"{self.path(0)} exists already: give --overwrite, or another --output")
        self.num_done = self._count() if is_same else 0

    def path(self, number: int) -> Path:
        """The file of a frame, counted from 0."""
        return Path(NUMBER.sub(lambda match: str(number + 1).zfill(int(match[1] or 0)), self.pattern))

    def begin(self) -> None:
        """Note which job it is."""
        write_atomically(self._job_file, json.dumps(self._job, indent=1).encode())

    def write(self, image: Tensor, number: int) -> None:
        """Write a frame, (1, 3, H, W) in [0, 1]."""
        save_stylized([image], self.path(number), Picture(to_bytes(image)[0]))

    def close_part(self) -> None:
        """Nothing waits."""

    def finish(self, sound: Path | None, end: float | None) -> None:
        """Forget the job where it is done, which no ``end`` in seconds stands for; pictures have no sound."""
        if end is None:
            self._job_file.unlink()

    def _count(self) -> int:
        number = 0
        while exists(self.path(number)):
            number += 1
        return number


def is_pattern(output: str) -> bool:
    """Whether an output names numbered pictures."""
    return NUMBER.search(output) is not None


def _number(path: Path) -> int | None:
    digits = re.findall(r"\d+", path.stem)
    return int(digits[-1]) if digits else None


def _by_number(path: Path) -> tuple[str, list[int | str]]:
    parts = re.split(r"(\d+)", path.name)
    return str(path.parent), [int(part) if part.isdigit() else part for part in parts]
