"""Stylize a video from file to file: read, follow the camera, paint, write; what is done of it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from torch import Tensor
from torch.nn import functional as F

from texnet.config import StylizeConfig
from texnet.stylize import ColorKeeper, StylizeFn, Stylizer
from texnet.stylize.mask_sources import Masks
from texnet.stylize.masks import stylize_with_masks
from texnet.video.ahead import Ahead, behind
from texnet.video.camera import CameraTracker, View
from texnet.video.folders import FolderReader, FrameFiles
from texnet.video.parts import Parts
from texnet.video.reading import Facts, Frame, VideoReader
from texnet.video.scenery import Scenery
from texnet.video.schedule import FactorSchedule
from texnet.video.steady import SteadyStylizer
from texnet.video.writing import CRF, Encoding, choose_codec

Reader = VideoReader | FolderReader


@dataclass
class Outcome:
    """How many frames of a video are done, whether these are all, and what was wrong with the source."""

    num_frames: int = 0
    is_complete: bool = False
    problems: list[str] = field(default_factory=list)


class VideoStylizer:
    """Paints the frames of one video, which are given in order, each with what the camera does at it."""

    def __init__(self, networks: Sequence[Stylizer], config: StylizeConfig, masks: Tensor | None) -> None:
        self.schedule = FactorSchedule(config.noise_factor)
        self.config, self.masks = config, masks
        self.scenery, kept = Scenery(networks[0].device), config.keep_colors
        constant = self.schedule.is_constant
        steady = [SteadyStylizer(network, is_constant=constant, scenery=self.scenery) for network in networks]
        self.stages: list[StylizeFn] = [ColorKeeper(each, kept) if kept else each for each in steady]

    def look(self, image: Tensor, view: View) -> None:
        """Take a frame, (1, 3, H, W) in [0, 1]."""
        self.scenery.look(image, view)

    def paint(self, image: Tensor, seconds: float) -> Tensor:
        """The frame that was looked at last, painted with the noise factor of a time."""
        factor = self.schedule.at(seconds)
        if self.masks is None:
            return self.stages[0](image, factor, self.config.seed)
        return stylize_with_masks(self.stages, image, self.masks, factor, self.config.seed)


def stylize_video(
    networks: Sequence[Stylizer],
    reader: Reader,
    target: Parts | FrameFiles,
    config: StylizeConfig,
    masks: Masks | None = None,
    *,
    on_frame: Callable[[int], object],
    stop: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Paint the frames that a target lacks and write them; ``on_frame`` gets how many are done, ``stop`` is asked after each.

    Frames that are done are read and looked at again, so that a video that was interrupted is the same as one that was not.
    The sound of the source is taken over. Errors as of the reader, the masks and the target.
    """
    size = fit_size(reader.facts.size, config.max_size)
    video = VideoStylizer(networks, config, None if masks is None else masks(reader.path, size))
    encoding = None if isinstance(target, FrameFiles) else _encoding(reader.facts, size, config, target.target.suffix)
    outcome, done, end = Outcome(), target.num_done, 0.0
    target.begin()
    with ExitStack() as stack:
        stack.callback(target.close_part)  # whatever happens, what is done is kept
        frames = stack.enter_context(Ahead(_with_views(reader, size)))
        write = stack.enter_context(behind(lambda *each: _write(target, encoding, *each)))
        begin: int | None = None
        for number, (frame, view) in enumerate(frames):
            begin = frame.pts if begin is None else begin
            video.look(frame.image, view)
            if number >= done:
                seconds = float((frame.pts - begin) * reader.facts.time_base)
                write(number, frame, video.paint(frame.image, seconds))
            end = float((frame.pts + frame.duration) * reader.facts.time_base)
            outcome.num_frames = number + 1
            on_frame(number + 1)
            if stop():
                break
        else:
            outcome.is_complete = True
    outcome.problems = reader.facts.problems
    sound = reader.path if isinstance(reader, VideoReader) else None
    target.finish(sound, None if outcome.is_complete else end)
    return outcome


def fit_size(size: tuple[int, int], max_size: int) -> tuple[int, int]:
    """(height, width) reduced to a long side of at most ``max_size`` (0 = as it is), in even numbers, as most players want."""
    if not max_size or max(size) <= max_size:
        return size
    scale = max_size / max(size)
    height, width = (max(2, 2 * round(side * scale / 2)) for side in size)
    return height, width


def job_of(reader: Reader, config: StylizeConfig) -> dict[str, Any]:
    """What tells this job from others, in plain types: the source, the networks, and the flags that count."""
    from texnet.config import to_dict

    source = reader.path.resolve()
    flags = {key: value for key, value in to_dict(config).items() if key not in ("overwrite", "device", "output")}
    flags["noise_factor"] = FactorSchedule(config.noise_factor).keys
    networks = [[path, Path(path).stat().st_size, Path(path).stat().st_mtime_ns] for path in config.ckpt]
    return {"source": [str(source), source.stat().st_size, source.stat().st_mtime_ns], "networks": networks, "flags": flags}


def open_reader(path: Path, fps: float) -> Reader:
    """The reader of a video file, or of a folder of frames at so many a second."""
    return FolderReader(path, Fraction(fps).limit_denominator(1001)) if path.is_dir() else VideoReader(path)


def _encoding(facts: Facts, size: tuple[int, int], config: StylizeConfig, suffix: str) -> Encoding:
    codec = choose_codec(config.codec, suffix)
    crf = CRF[codec] if config.crf is None else config.crf
    return Encoding(codec, crf, size, facts.time_base, facts.rate, facts.colors, facts.pixel_aspect)


def _with_views(reader: Reader, size: tuple[int, int]) -> Iterator[tuple[Frame, View]]:
    tracker = CameraTracker()
    for frame in reader:
        image = frame.image
        if tuple(image.shape[2:]) != size:
            image = F.interpolate(image, size, mode="bilinear", antialias=True).clamp(0, 1)
        yield Frame(image, frame.pts, frame.duration), tracker.follow(image)


def _write(target: Parts | FrameFiles, encoding: Encoding | None, number: int, frame: Frame, image: Tensor) -> None:
    if isinstance(target, FrameFiles):
        target.write(image, number)
    else:
        assert encoding is not None
        target.write(image, frame.pts, frame.duration, encoding)
