"""What a video is, before anything of it is painted: its size, length and sound, and whether all of it is there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from texnet.errors import UserError
from texnet.video.reading import VideoReader, open_video


@dataclass(frozen=True)
class VideoSummary:
    """Size in pixels, upright; ``num_frames`` and ``seconds`` that are there; ``sound``: the codecs of its sound.

    ``pixel_aspect``: how many times as wide as high players show a pixel. ``problem`` says what is wrong with a video of which
    something can be painted; empty where nothing is.
    """

    width: int
    height: int
    num_frames: int
    seconds: float
    sound: tuple[str, ...]
    pixel_aspect: float = 1.0
    problem: str = ""


def summarize_video(path: Path, most_pixels: int) -> VideoSummary:
    """Read a video's packets and decode its first frame alone.

    Errors as of :class:`VideoReader`; UserError, too, where a frame has more than ``most_pixels``: none is decoded then.
    """
    with open_video(path) as file:
        for stream in file.streams.video[:1]:
            width, height = stream.codec_context.width, stream.codec_context.height
            if width * height > most_pixels:
                raise UserError(f"{path}: {width}x{height} pixels; at most {most_pixels // 10**6} million can be painted here")
    facts = VideoReader(path).facts
    with open_video(path) as file:
        stream = file.streams.video[0]
        count, ticks = _count(file, stream)
        sound = tuple(each.codec_context.name for each in file.streams.audio)
    missing = f"cut off: {count} of {facts.num_frames} frames are there" if count < facts.num_frames else ""
    height, width = facts.size
    return VideoSummary(width, height, count, float(ticks * facts.time_base), sound, float(facts.pixel_aspect), missing)


def _count(file: Any, stream: Any) -> tuple[int, int]:
    """The number of a stream's packets, and how long they last, in units of its time base."""
    import av

    count, begin, end = 0, None, 0
    try:
        for packet in file.demux(stream):
            if not packet.size or packet.is_corrupt:
                continue
            count += 1
            if packet.pts is not None:
                begin = packet.pts if begin is None else min(begin, packet.pts)
                end = max(end, packet.pts + (packet.duration or 0))
    except av.FFmpegError:  # cut off within a packet
        pass
    return count, end - (begin or 0)
