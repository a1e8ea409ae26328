"""The frames of a video file, upright, in RGB, with their time stamps; PyAV reads whatever FFmpeg knows.

Decoded frames keep what their numbers mean: matrix and range of the source go with every conversion, here and in
texnet/video/writing.py, because PyAV's defaults are wrong for some.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from texnet.errors import UserError
from texnet.images import to_float

HD_LINES = 720  # from here on pictures without a tag count as BT.709, below as BT.601, as players take them
BT709, BT601, UNKNOWN = 1, 5, 2  # of a matrix, as H.273 numbers them
LIMITED, FULL = 1, 2  # of a range, as FFmpeg numbers them
INTERPOLATION = 0x42002  # of libswscale: bilinear, rounded well, full chroma; its default makes pictures darker
HDR = {16: "PQ", 18: "HLG"}  # transfer characteristics, as H.273 numbers them
# demuxers of FFmpeg that read one file alone: playlists under a video's name would open whatever files and addresses they name
DEMUXERS = "mov mp4 matroska webm avi mpeg mpegvideo mpegts flv asf ogg yuv4mpegpipe nut mxf m4v h264 hevc ivf obu dv wtv"
ONE_FILE = {"format_whitelist": DEMUXERS.replace(" ", ","), "protocol_whitelist": "file"}
GAP = 3  # usual frame durations without a frame: told


@dataclass(frozen=True)
class Colors:
    """What the numbers of a video's frames mean, in the numbers of H.273, as its tags say; 2 where they say nothing."""

    matrix: int = UNKNOWN
    range: int = 0
    primaries: int = UNKNOWN
    transfer: int = UNKNOWN

    def conversion(self, height: int) -> tuple[int, int]:
        """Matrix and range to convert by, where there are no tags those that players assume."""
        guess = BT709 if height >= HD_LINES else BT601
        return (self.matrix if self.matrix not in (0, UNKNOWN) else guess), (FULL if self.range == FULL else LIMITED)


@dataclass(frozen=True)
class Frame:
    """One frame: RGB in [0, 1], (1, 3, H, W), its time stamp and duration in units of the reader's ``time_base``."""

    image: Tensor
    pts: int
    duration: int


@dataclass
class Facts:
    """What a reader tells of its frames, the problems among them once it has come to its end."""

    size: tuple[int, int]  # height and width, upright
    time_base: Fraction  # seconds
    rate: Fraction  # frames per second, on average
    num_frames: int  # as the file says, 0 where it does not
    colors: Colors = field(default_factory=Colors)
    pixel_aspect: Fraction = Fraction(1)
    problems: list[str] = field(default_factory=list)


class VideoReader:
    """Reads a video file, the first of its video streams, from begin to end.

    FileNotFoundError names a file that is not there; UserError one that is no video, has no frames or is HDR, and a lack of
    PyAV. What is wrong later on is told by ``facts.problems``: the frames until then are good.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.source = open_video(self.path)
        if not self.source.streams.video:
            raise UserError(f"{self.path}: no video in it")
        self.stream = self.source.streams.video[0]
        self.stream.thread_type = "AUTO"
        self._frames = decode(self.source, self.stream, self._count_damaged)
        first = next(self._frames, None)
        if first is None:
            raise UserError(f"{self.path}: no frame that can be decoded{_because(self._damaged)}")
        self._first = first
        self.facts = self._describe(first)

    _damaged = 0  # packets

    def __iter__(self) -> Iterator[Frame]:
        """Each frame, with a time stamp above that of the one before."""
        usual = max(1, round(1 / (self.facts.rate * self.facts.time_base)))
        last, count = None, 0
        for decoded in _chain(self._first, self._frames):
            pts = decoded.pts if decoded.pts is not None else (0 if last is None else last + usual)
            if last is not None and pts <= last:
                pts = last + 1
            if last is not None and pts - last > GAP * usual:
                self.facts.problems.append(f"no frames from {self._seconds(last + usual)} to {self._seconds(pts)}, kept so")
            last, count = pts, count + 1
            yield Frame(self._upright(decoded), pts, int(decoded.duration or usual))
        if self._damaged:
            self.facts.problems.append(f"{self._damaged} damaged pieces of the file were left out")
        if count < self.facts.num_frames:
            self.facts.problems.append(f"ends after {count} of {self.facts.num_frames} frames; is the file cut off?")
        self.source.close()

    def frame_at(self, seconds: float) -> Tensor:
        """The frame shown so long after the first one, at the end the last, (1, 3, H, W) in [0, 1]; all others are given up."""
        wanted = (self._first.pts or 0) + int(seconds / self.facts.time_base)
        found = self._sought(wanted)
        if found is None:  # files without an index lead too far: read on from the first frame
            again = VideoReader(self.path)
            found = _last_until(wanted, _chain(again._first, again._frames))
            again.source.close()
        self.source.close()
        return self._upright(found or self._first)

    def _sought(self, wanted: int) -> Any:
        """The frame that is shown at a time stamp, by the key frame before it; None where seeking does not lead there."""
        import av

        try:
            self.source.seek(wanted, stream=self.stream)
        except av.FFmpegError:
            return None
        return _last_until(wanted, decode(self.source, self.stream, self._count_damaged))

    def _upright(self, decoded: Any) -> Tensor:
        turns = (self._first.rotation // 90) % 4
        return torch.rot90(to_rgb(decoded, self.facts.colors), turns, (2, 3))  # counterclockwise

    def _count_damaged(self) -> None:
        self._damaged += 1

    def _describe(self, first: Any) -> Facts:
        colors = colors_of(first)
        if colors.transfer in HDR:
            raise UserError(
                f"{self.path}: HDR ({HDR[colors.transfer]}), which networks for photos do not know; convert it to SDR first"
            )
        size = (first.width, first.height) if first.rotation % 180 else (first.height, first.width)
        aspect = Fraction(self.stream.sample_aspect_ratio or 1) or Fraction(1)
        rate = self.stream.average_rate or self.stream.guessed_rate or Fraction(25)
        return Facts(
            size, self.stream.time_base, rate, self.stream.frames, colors, 1 / aspect if first.rotation % 180 else aspect
        )

    def _seconds(self, pts: int) -> str:
        return f"{float((pts - (self._first.pts or 0)) * self.facts.time_base):.2f} s"


def decode(source: Any, stream: Any, on_damaged: Callable[[], object]) -> Iterator[Any]:
    """The decoded frames of a stream; ``on_damaged`` is called for every packet that is damaged, and left out."""
    import av

    packets = source.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.FFmpegError:  # cut off within a packet
            on_damaged()
            return
        frames: list[Any] = []
        try:
            frames = packet.decode()
        except av.FFmpegError:
            on_damaged()
        yield from frames


def colors_of(decoded: Any) -> Colors:
    """What a decoded frame says of its colors."""
    return Colors(decoded.colorspace, decoded.color_range, decoded.color_primaries, decoded.color_trc)


def to_rgb(decoded: Any, colors: Colors) -> Tensor:
    """A decoded frame as RGB in [0, 1], (1, 3, H, W), as it lies."""
    matrix, color_range = colors.conversion(decoded.height)
    converted = decoded.reformat(
        format="rgb24", src_colorspace=matrix, src_color_range=color_range, dst_color_range=FULL, interpolation=INTERPOLATION
    )
    return to_float(torch.from_numpy(converted.to_ndarray()).permute(2, 0, 1)[None])  # channels_last


def open_video(path: Path) -> Any:
    """A video file, opened by PyAV. Errors as of :class:`VideoReader`."""
    av = require_av()
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such video")
    if not path.stat().st_size:
        raise UserError(f"{path}: an empty file")
    try:
        return av.open(str(path.absolute()), options=ONE_FILE)  # a name such as 12:30.mp4 alone would be a protocol
    except av.FFmpegError as error:
        raise UserError(
            f"{path}: cannot be read as a video ({error.strerror}); it is damaged, cut off or of another kind"
        ) from error


def require_av() -> Any:
    """PyAV, version 18 or newer; UserError says how to install it."""
    try:
        import av
    except ImportError as error:
        raise UserError("videos need PyAV: pip install 'texnet[video]', or 'av>=18'") from error
    with suppress(ValueError):
        if int(av.__version__.split(".")[0]) < 18:
            raise UserError(f"videos need PyAV 18 or newer, which knows ranges of colors; this is {av.__version__}")
    av.logging.set_level(None)  # silent; any level makes decoding threads wait for Python, which may be waiting for them
    return av


def _because(damaged: int) -> str:
    return f"; {damaged} pieces of the file are damaged" if damaged else ""


def _last_until(wanted: int, frames: Iterator[Any]) -> Any:
    """The last of some frames whose time stamp is not above a wanted one, None where there is none."""
    found = None
    for decoded in frames:
        if decoded.pts is not None and decoded.pts > wanted:
            break
        found = decoded
    return found


def _chain(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest
