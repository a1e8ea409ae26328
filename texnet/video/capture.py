"""Frames of a camera, or of a video file that is played in its place: always the newest, whoever is slow misses some."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from torch import Tensor

from texnet.errors import UserError
from texnet.video.reading import VideoReader, colors_of, decode, require_av, to_rgb

DEVICES = {"linux": ("v4l2", "/dev/video{}"), "darwin": ("avfoundation", "{}"), "win32": ("dshow", "video={}")}
CAMERA_FPS = "30"


class NewestFrame:
    """Keeps the newest frame of a camera, by its number, or of a video's file, played over and over at its own speed.

    UserError, or FileNotFoundError, where it cannot be opened. ``problem`` says why no more frames come.
    """

    def __init__(self, camera: str) -> None:
        frames = _open_camera(camera) if camera.isdecimal() else _play(Path(camera))
        self.problem = ""
        self._frame: Tensor | None = None
        self._ready, self._is_over = threading.Condition(), threading.Event()
        self._thread = threading.Thread(target=self._keep, args=(frames,), daemon=True)
        self._thread.start()

    def next(self) -> Tensor | None:
        """The newest frame that was not taken yet, (1, 3, H, W) in [0, 1], waiting for it; None when there are no more."""
        with self._ready:
            self._ready.wait_for(lambda: self._frame is not None or self._is_over.is_set())
            frame, self._frame = self._frame, None
            return None if self._is_over.is_set() else frame

    def stop(self) -> None:
        """Take no more frames."""
        with self._ready:
            self._is_over.set()
            self._ready.notify_all()

    def _keep(self, frames: Iterator[Tensor]) -> None:
        try:
            for frame in frames:
                with self._ready:
                    self._frame = frame
                    self._ready.notify_all()
                if self._is_over.is_set():
                    return
            self.problem = "the camera sends no more pictures"
        except (UserError, OSError) as error:
            self.problem = str(error)
        finally:
            self.stop()


def _play(path: Path) -> Iterator[Tensor]:
    """The frames of a video file at their times, over and over."""
    reader = VideoReader(path)  # now, so that what is wrong with it is told at once
    return _at_their_times(path, reader)


def _at_their_times(path: Path, reader: VideoReader) -> Iterator[Tensor]:
    while True:
        begin, first = time.monotonic(), None
        for frame in reader:
            first = frame.pts if first is None else first
            due = begin + float((frame.pts - first) * reader.facts.time_base)
            time.sleep(max(0.0, due - time.monotonic()))
            yield frame.image
        reader = VideoReader(path)


def _open_camera(number: str) -> Iterator[Tensor]:
    av = require_av()
    kind, name = DEVICES.get(sys.platform, ("", ""))
    try:
        if not kind:
            raise UserError(f"--camera {number}: cameras are not known on {sys.platform}; name a video file in its place")
        device = av.open(name.format(number), format=kind, options={"framerate": CAMERA_FPS})
    except (av.FFmpegError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(
            f"--camera {number}: cannot be opened ({reason}); is it there, and free? A video's file may take its place"
        ) from error
    frames = decode(device, device.streams.video[0], lambda: None)  # cameras begin with damaged pictures
    return (to_rgb(frame, colors_of(frame)) for frame in frames)
