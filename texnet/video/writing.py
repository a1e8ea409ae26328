"""Painted frames into a video file: encoded in parts, which are then joined with the sound of the source, packet by packet."""

from __future__ import annotations

import heapq
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from texnet.errors import UserError
from texnet.images import to_bytes
from texnet.video.reading import FULL, INTERPOLATION, Colors, open_video, require_av

ENCODERS = {"h264": "libx264", "hevc": "libx265", "vp9": "libvpx-vp9", "av1": "libsvtav1"}
CRF = {"h264": 18, "hevc": 20, "vp9": 28, "av1": 28}  # painted pictures with hardly a visible loss
SPEED = {
    "h264": {"preset": "veryfast"},
    "hevc": {"preset": "fast"},
    "vp9": {"cpu-used": "4", "row-mt": "1", "b": "0"},
    "av1": {"preset": "8"},
}
JPEG_QUANTIZER = 4  # 2 is best
SUFFIXES = (".mp4", ".mov", ".m4v", ".mkv", ".webm")


@dataclass(frozen=True)
class Encoding:
    """How frames become a video: codec and quality, and what is taken over from the source. Sizes are (height, width)."""

    codec: str
    crf: int
    size: tuple[int, int]
    time_base: Fraction
    rate: Fraction
    colors: Colors
    pixel_aspect: Fraction = Fraction(1)

    @property
    def pixel_format(self) -> str:
        """Color at half the resolution, which every player shows; in full where a side is odd."""
        return "yuv444p" if self.size[0] % 2 or self.size[1] % 2 else "yuv420p"


def choose_codec(codec: str, suffix: str) -> str:
    """The codec for a file's suffix: the named one, or for an empty name H.264, VP9 in WebM.

    UserError where the suffix or the pair of both cannot be written.
    """
    if suffix.lower() not in SUFFIXES:
        raise UserError(f"cannot write a video as {suffix}; use {' '.join(SUFFIXES)}")
    is_webm = suffix.lower() == ".webm"
    chosen = codec or ("vp9" if is_webm else "h264")
    if is_webm and chosen not in ("vp9", "av1"):
        raise UserError(f"--codec {chosen}: WebM holds vp9 and av1 alone; use .mp4 or .mkv")
    return chosen


class VideoWriter:
    """Encodes frames into a file, which is there once it is closed: until then it has another name.

    UserError where the encoder is missing or refuses.
    """

    def __init__(self, path: Path, encoding: Encoding) -> None:
        self.path, self.encoding = path, encoding
        av = require_av()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._temporary = path.with_name(f".{secrets.token_hex(8)}.tmp{path.suffix}")
        name = ENCODERS[encoding.codec]
        if name not in av.codecs_available:
            raise UserError(f"--codec {encoding.codec}: this build of PyAV lacks {name}; use another")
        self._file = create(self._temporary, encoding.time_base)
        options = {"crf": str(encoding.crf), **SPEED[encoding.codec]}
        self._stream = self._file.add_stream(name, rate=encoding.rate.limit_denominator(65535), options=options)
        self._set_up(self._stream)
        self._conversion = encoding.colors.conversion(encoding.size[0])
        self.num_frames = 0

    def _set_up(self, stream: Any) -> None:
        encoding = self.encoding
        stream.height, stream.width = encoding.size
        stream.pix_fmt = encoding.pixel_format
        stream.time_base = stream.codec_context.time_base = encoding.time_base
        stream.codec_context.sample_aspect_ratio = encoding.pixel_aspect
        colors, context = encoding.colors, stream.codec_context
        context.colorspace, context.color_range = colors.matrix, colors.range
        context.color_primaries, context.color_trc = colors.primaries, colors.transfer
        if encoding.codec == "hevc":
            context.codec_tag = "hvc1"  # which Apple's players want

    def write(self, image: Tensor, pts: int, duration: int = 0) -> None:
        """Add a frame, (1, 3, H, W) in [0, 1], at a time stamp above that of the one before, both in ``time_base``."""
        import av

        matrix, color_range = self._conversion
        frame = av.VideoFrame.from_ndarray(_pixels(image), format="rgb24").reformat(
            format=self.encoding.pixel_format,
            dst_colorspace=matrix,
            src_color_range=FULL,
            dst_color_range=color_range,
            interpolation=INTERPOLATION,
        )
        frame.pts, frame.time_base, frame.duration = pts, self.encoding.time_base, duration
        try:
            self._file.mux(self._stream.encode(frame))
        except av.FFmpegError as error:
            raise self._refused(error) from error
        self.num_frames += 1

    def close(self) -> None:
        """Write what is still on its way, and give the file its name; without a frame there is no file."""
        import av

        try:
            if self.num_frames:
                self._file.mux(self._stream.encode(None))
            self._file.close()
            if self.num_frames:
                os.replace(self._temporary, self.path)
        except av.FFmpegError as error:
            raise self._refused(error) from error
        finally:
            self._temporary.unlink(missing_ok=True)

    def _refused(self, error: Any) -> UserError:
        return UserError(f"{self.path}: {self.encoding.codec} cannot be written ({error.strerror}); use --codec")


def encode_jpeg(image: Tensor) -> bytes:
    """A picture, (1, 3, H, W) in [0, 1] with even sides, as a JPEG file, fast: FFmpeg's encoder of MJPEG."""
    av = require_av()
    frame = av.VideoFrame.from_ndarray(_pixels(image), format="rgb24").reformat(
        format="yuvj420p", src_color_range=FULL, dst_color_range=FULL, interpolation=INTERPOLATION
    )
    context = av.CodecContext.create("mjpeg", "w")
    context.height, context.width, context.pix_fmt = frame.height, frame.width, "yuvj420p"
    context.time_base = Fraction(1, 25)
    context.qmin = context.qmax = JPEG_QUANTIZER
    return b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])


def _pixels(image: Tensor) -> np.ndarray[Any, Any]:
    return np.ascontiguousarray(to_bytes(image)[0].permute(1, 2, 0).numpy())  # (1, 3, H, W) -> (H, W, 3)


def join(parts: Sequence[Path], target: Path, source: Path | None, end: float | None = None) -> None:
    """Join the parts of a video, in order, with the sound of its source, up to ``end`` seconds: nothing is encoded again.

    UserError where the sound is of a kind that the container does not hold.
    """
    av = require_av()
    temporary = target.with_name(f".{secrets.token_hex(8)}.tmp{target.suffix}")
    first, sound = open_video(parts[0]), open_video(source) if source else None
    try:
        with create(temporary, first.streams.video[0].time_base) as file:
            video = file.add_stream_from_template(first.streams.video[0])
            pairs = _add_sound(file, sound, target) if sound else {}
            rows = [_video_packets(parts, video)]
            if sound and pairs:
                rows.append(_sound_packets(sound, pairs, end))
            for _, packet in heapq.merge(*rows, key=lambda row: row[0]):
                file.mux_one(packet)
        os.replace(temporary, target)
    except av.FFmpegError as error:
        raise UserError(f"{target}: cannot be written ({error.strerror}); use another suffix or --codec") from error
    finally:
        for container in (first, sound):
            if container:
                container.close()
        temporary.unlink(missing_ok=True)


def create(path: Path, time_base: Fraction) -> Any:
    """A video file to write into, which keeps time stamps exactly where its container can."""
    is_mp4 = path.suffix.lower() in (".mp4", ".mov", ".m4v")
    return require_av().open(
        str(path.absolute()), "w", options={"movie_timescale": str(time_base.denominator)} if is_mp4 else {}
    )


def _add_sound(file: Any, sound: Any, target: Path) -> dict[int, Any]:
    """Output streams for the sound's, by their index."""
    import av

    pairs = {}
    for stream in sound.streams.audio:
        name = stream.codec_context.name
        if target.suffix.lower() == ".webm" and name not in ("opus", "vorbis"):
            raise UserError(f"{target}: WebM does not hold sound of the kind {name}; use .mkv")
        try:
            pairs[stream.index] = file.add_stream_from_template(stream)
        except (av.FFmpegError, ValueError) as error:
            raise UserError(f"{target}: {target.suffix} does not hold sound of the kind {name}; use .mkv") from error
    return pairs


def _packets(parts: Sequence[Path]) -> Iterator[Any]:
    """The packets of all parts, of which one is open at a time."""
    for part in parts:
        with open_video(part) as file:
            yield from (packet for packet in file.demux(file.streams.video[0]) if packet.size)


def _video_packets(parts: Sequence[Path], stream: Any) -> Iterator[tuple[float, Any]]:
    """The packets of all parts with their time, in order of decoding.

    Each part counts its decoding times from its own begin: they are given anew, as many frames late as any frame is early. The
    parts are read twice, for their times first: a film does not fit into memory.
    """
    times = [(packet.pts, packet.duration) for packet in _packets(parts)]
    order = sorted(pts for pts, _ in times)
    late = 0
    while any(order[number - late] > pts for number, (pts, _) in enumerate(times) if number >= late):
        late += 1
    usual = max(1, times[0][1] or 1)
    following = dict(pairwise(order))
    for number, packet in enumerate(_packets(parts)):
        packet.dts = order[number - late] if number >= late else order[0] - usual * (late - number)
        packet.duration = following.get(packet.pts, packet.pts + (packet.duration or usual)) - packet.pts
        packet.stream = stream
        yield float(packet.dts * packet.time_base), packet


def _sound_packets(sound: Any, pairs: dict[int, Any], end: float | None) -> Iterator[tuple[float, Any]]:
    """The packets of the sound with their time: moved where one does not come after the one before, as in old files."""
    last: dict[int, int] = {}
    for packet in sound.demux([stream for stream in sound.streams.audio if stream.index in pairs]):
        if packet.dts is None or not packet.size:
            continue
        index = packet.stream.index
        packet.dts = max(packet.dts, last.get(index, packet.dts - 1) + 1)
        packet.pts = max(packet.dts, packet.dts if packet.pts is None else packet.pts)
        last[index] = packet.dts
        at = float(packet.dts * packet.time_base)
        if end is not None and at >= end:
            continue
        packet.stream = pairs[index]
        yield at, packet
