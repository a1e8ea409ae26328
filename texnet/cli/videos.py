"""texnet stylize for videos: which file each is written to, progress, what was wrong."""

from __future__ import annotations

import glob
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from texnet.cli.commands import INTERRUPTED, report_skipped
from texnet.cli.launch import stop_on_signals
from texnet.config import StylizeConfig, require
from texnet.config.stylize import TimedFactor
from texnet.errors import UserError
from texnet.files import exists, is_folder, names_file
from texnet.picture_files import VIDEOS

if TYPE_CHECKING:
    from texnet.stylize import Stylizer
    from texnet.stylize.mask_sources import Masks
    from texnet.video.convert import Outcome


def take_videos(paths: Sequence[str], config: StylizeConfig) -> list[Path]:
    """The videos among the inputs: files by their suffix, with ``--fps`` folders of frames. UserError for a mixture."""
    are_videos = [Path(path).suffix.lower() in VIDEOS or bool(config.fps and is_folder(path)) for path in paths]
    require(all(are_videos) or not any(are_videos), "pictures and videos: give them to a command each")
    videos: list[Path] = []
    for path in paths if any(are_videos) else ():
        videos += [Path(path)] if exists(path) else [Path(match) for match in sorted(glob.glob(path)) or [path]]
    has_times = any(isinstance(factor, TimedFactor) for factor in config.noise_factor)
    require(bool(videos) or not has_times, "--noise_factor: seconds:factor is for videos; for pictures give factors alone")
    require(bool(videos) or not config.fps, "--fps is for folders of frames: name one")
    return videos


def check_flags(config: StylizeConfig) -> None:
    """UserError for flags that videos do not have."""
    require(not config.refine, "--refine is for pictures: it would take minutes for each frame")
    require(config.projection == "flat", "--projection equirectangular is for pictures: leave it out for videos")
    require(config.stroke_size == 1, "--stroke_size is for pictures: leave it out for videos")
    require(not config.mask_from_coco, "--mask_from_coco is for pictures: give a video a --mask")


def stylize_videos(videos: Sequence[Path], networks: Sequence[Stylizer], config: StylizeConfig, masks: Masks | None) -> int:
    """Stylize videos one after the other: 0 when all are whole, 1 when some are not, 2 when none is, 130 when interrupted."""
    from texnet.stylize.files import check_noise_factors
    from texnet.video.schedule import FactorSchedule

    check_noise_factors(networks, config, masks)
    FactorSchedule(config.noise_factor).check(networks)
    style = "-".join(network.style for network in networks)
    targets = _plan(videos, config.output, style)
    num_whole = 0
    with stop_on_signals() as stop:
        for video, target in zip(videos, targets, strict=True):
            try:
                outcome = _stylize(video, target, networks, config, masks, stop.is_set)
            except (UserError, OSError) as error:
                if len(videos) == 1:
                    raise
                report_skipped(str(error))
                continue
            num_whole += not _report(video, target, outcome)
            if stop.is_set():
                return INTERRUPTED
    return 0 if num_whole == len(videos) else 1 if num_whole or len(videos) == 1 else 2


def _stylize(
    video: Path, target: str, networks: Sequence[Stylizer], config: StylizeConfig, masks: Masks | None, stop: object
) -> Outcome:
    from tqdm import tqdm

    from texnet.video.convert import job_of, open_reader, stylize_video
    from texnet.video.folders import FrameFiles, is_pattern
    from texnet.video.parts import Parts

    reader = open_reader(video, config.fps)
    job = job_of(reader, config)
    output: Parts | FrameFiles
    if is_pattern(target):
        output = FrameFiles(target, job, overwrite=config.overwrite)
    else:
        output = Parts(Path(target), job, overwrite=config.overwrite, log=print)
    total = reader.facts.num_frames or None
    with tqdm(total=total, initial=output.num_done, unit="frame", desc=video.name, file=sys.stderr) as bar:

        def advance(number: int) -> None:
            bar.update(max(0, number - bar.n))

        return stylize_video(networks, reader, output, config, masks, on_frame=advance, stop=stop)  # type: ignore[arg-type]


def _report(video: Path, target: str, outcome: Outcome) -> bool:
    """Print what became of a video; whether something is missing."""
    for problem in outcome.problems:
        report_skipped(f"in {video}: {problem}")
    if outcome.is_complete:
        print(f"{outcome.num_frames} frames stylized: {target}")
        return bool(outcome.problems)
    print(f"stopped after {outcome.num_frames} frames: {target} has them; the same command goes on from there")
    return True


def _plan(videos: Sequence[Path], output: str, style: str) -> list[str]:
    """The file, or pattern of files, for each video: ``output`` itself where it names one, else NAME_STYLE in it."""
    from texnet.video.folders import is_pattern
    from texnet.video.writing import SUFFIXES, choose_codec

    if is_pattern(output) or names_file(output):
        if len(videos) > 1:
            raise UserError(f"--output {output}: one file for {len(videos)} videos; name a folder")
        if not is_pattern(output):
            choose_codec("", Path(output).suffix)
        return [output]
    suffixes = [video.suffix.lower() if video.suffix.lower() in SUFFIXES else ".mp4" for video in videos]
    targets = [str(Path(output) / f"{video.stem}_{style}{suffix}") for video, suffix in zip(videos, suffixes, strict=True)]
    if len(set(targets)) < len(targets):
        raise UserError("two videos of one name: give them to a command each, with another --output")
    return targets
