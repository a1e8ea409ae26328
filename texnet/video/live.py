"""Paint what a camera sees, picture by picture, as large as the time allows; record it on demand."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.config.live import LEAST_SIZE, LiveConfig
from texnet.errors import UserError
from texnet.stylize import ColorKeeper, StylizeFn, Stylizer
from texnet.video.camera import CameraTracker
from texnet.video.capture import NewestFrame
from texnet.video.reading import Colors
from texnet.video.scenery import Scenery
from texnet.video.steady import SteadyStylizer
from texnet.video.writing import CRF, Encoding, VideoWriter, encode_jpeg

MILLISECONDS = Fraction(1, 1000)
SIZE_STEP = 32  # pixels
SETTLING = 1.5  # seconds between two changes of the size
SMOOTHING = 0.8  # of the seconds per picture from one picture to the next
TOO_SLOW, TOO_FAST = 0.9, 1.35  # frames a second over those wanted: the size follows


@dataclass(frozen=True)
class LiveState:
    """What the page shows and sets: see :meth:`LiveSession.state`."""

    styles: tuple[str, ...]
    style: int
    noise_factor: float
    max_noise_factor: float
    fps: float = 0.0
    width: int = 0
    height: int = 0
    recording: str = ""
    problem: str = ""


class SizeControl:
    """Chooses the long side of pictures, pixels, by the seconds that they take, which grow with the square of it."""

    def __init__(self, fps: float, max_size: int) -> None:
        self.fps, self.max_size = fps, max_size
        self.size = min(max_size, max(LEAST_SIZE, max_size // 2))
        self.seconds = 0.0  # per picture, smoothed
        self._since = 0.0

    def update(self, seconds: float) -> bool:
        """Take the seconds of a picture; whether the size changes."""
        self.seconds = SMOOTHING * self.seconds + (1 - SMOOTHING) * seconds if self.seconds else seconds
        self._since += max(seconds, 1 / self.fps)
        rate = 1 / (self.seconds * self.fps)
        if self._since < SETTLING or TOO_SLOW <= rate <= TOO_FAST:
            return False
        fitting = SIZE_STEP * int(self.size * rate**0.5 / SIZE_STEP)
        size = max(LEAST_SIZE, min(self.max_size, fitting))
        if size == self.size:
            return False
        self.seconds *= (size / self.size) ** 2
        self.size, self._since = size, 0.0
        return True


class LiveSession:
    """The pictures of one camera, painted by one of several networks; what is set, counts from the next picture on.

    :meth:`run` paints until :meth:`stop`. ``picture`` waits for the next painted picture, as a JPEG file's bytes.
    """

    def __init__(self, networks: Sequence[Stylizer], source: NewestFrame, config: LiveConfig) -> None:
        self.networks, self.source, self.config = networks, source, config
        self._style, self._noise_factor = 0, config.noise_factor
        self._control = SizeControl(config.fps, config.max_size)
        self._is_over, self._ready = threading.Event(), threading.Condition()
        self._jpeg, self._number, self._shape = b"", 0, (0, 0)
        self.error: Exception | None = None  # that ended the painting
        self._recorder: _Recorder | None = None
        self._problem = ""  # of the recording
        self._begin()

    def set(self, *, style: int | None = None, noise_factor: float | None = None, recording: bool | None = None) -> None:
        """Choose a style by its number from 0 on, the noise factor, or whether to record. UserError where there is none."""
        with self._ready:
            if style is not None:
                if style not in range(len(self.networks)):
                    raise UserError(f"style {style + 1}: there are {len(self.networks)}")
                self._style = style
            if noise_factor is not None:
                self.networks[self._style].check_noise_factor(noise_factor, "noise factor")
                self._noise_factor = noise_factor
            if recording is not None and recording != (self._recorder is not None):
                self._record(recording)

    @property
    def state(self) -> LiveState:
        """What is set, and how it goes."""
        names = tuple(network.style for network in self.networks)
        recorder, seconds = self._recorder, self._control.seconds
        return LiveState(
            styles=names,
            style=self._style,
            noise_factor=self._noise_factor,
            max_noise_factor=self.networks[self._style].max_noise_factor,
            fps=round(1 / seconds, 1) if seconds else 0.0,
            width=self._shape[1],
            height=self._shape[0],
            recording=recorder.path.name if recorder else "",
            problem=self.source.problem or self._problem,
        )

    def picture(self, after: int, timeout: float = 5.0) -> tuple[int, bytes]:
        """The number and bytes of a picture newer than number ``after``; the same one again when none comes in time."""
        with self._ready:
            self._ready.wait_for(lambda: self._number > after or self._is_over.is_set(), timeout)
            return self._number, self._jpeg

    @property
    def is_over(self) -> bool:
        """Whether it was stopped."""
        return self._is_over.is_set()

    def run(self) -> None:
        """Paint until stopped, or until the source ends; ``error`` is what else ended it."""
        try:
            while not self.is_over:
                frame = self.source.next()
                if frame is None:
                    break
                begin = time.perf_counter()
                self._show(self._paint(frame))
                if self._control.update(time.perf_counter() - begin):
                    self._begin()
        except Exception as error:  # of the thread that paints: the command reports it
            self.error = error
        finally:
            self.stop()
            with self._ready:
                self._record(False)

    def stop(self) -> None:
        """Let :meth:`run` and those who wait for pictures end."""
        self._is_over.set()
        self.source.stop()
        with self._ready:
            self._ready.notify_all()

    def _begin(self) -> None:
        """Follow the camera anew, at another size."""
        self._tracker = CameraTracker()
        self._scenery, kept = Scenery(self.networks[0].device), self.config.keep_colors
        steady = [SteadyStylizer(network, is_constant=False, scenery=self._scenery) for network in self.networks]
        self._stages: list[StylizeFn] = [ColorKeeper(each, kept) if kept else each for each in steady]

    def _paint(self, frame: Tensor) -> Tensor:
        image = _at_size(frame, self._control.size)
        self._scenery.look(image, self._tracker.follow(image))
        with self._ready:
            style, noise_factor = self._style, self._noise_factor
        return self._stages[style](image, self.networks[style].nearest_noise_factor(noise_factor), self.config.seed)

    def _show(self, output: Tensor) -> None:
        jpeg = encode_jpeg(output)
        with self._ready:
            self._jpeg, self._number, self._shape = jpeg, self._number + 1, (output.shape[2], output.shape[3])
            self._ready.notify_all()
            if self._recorder:
                with self._recording():
                    self._recorder.write(output)

    @contextmanager
    def _recording(self) -> Iterator[None]:
        """A recording that fails ends, and says why; the pictures go on."""
        try:
            yield
        except (UserError, OSError) as error:
            self._recorder, self._problem = None, f"recording: {error}"

    def _record(self, wanted: bool) -> None:
        recorder, self._recorder, self._problem = self._recorder, None, ""
        if recorder is not None:
            with self._recording():
                recorder.close()
        if wanted:
            name = f"{self.networks[self._style].style}-{time.strftime('%Y%m%d-%H%M%S')}.mp4"
            self._recorder = _Recorder(Path(self.config.output) / name, self.config.fps)


class _Recorder:
    """A video of what is shown, at the size of its first picture, with the times at which pictures came."""

    def __init__(self, path: Path, fps: float) -> None:
        self.path, self.fps = path, fps
        self._writer: VideoWriter | None = None
        self._begin, self._last = 0.0, -1

    def write(self, output: Tensor) -> None:
        """Add a picture, (1, 3, H, W) in [0, 1], now."""
        now = time.monotonic()
        if self._writer is None:
            size = (output.shape[2] // 2 * 2, output.shape[3] // 2 * 2)
            rate = Fraction(self.fps).limit_denominator(1001)
            self._writer = VideoWriter(self.path, Encoding("h264", CRF["h264"], size, MILLISECONDS, rate, Colors()))
            self._begin = now
        size = self._writer.encoding.size
        if tuple(output.shape[2:]) != size:
            output = F.interpolate(output, size, mode="bilinear", antialias=True).clamp(0, 1)
        self._last = max(self._last + 1, round(1000 * (now - self._begin)))
        self._writer.write(output, self._last)

    def close(self) -> None:
        """End the video."""
        if self._writer is not None:
            self._writer.close()


def _at_size(frame: Tensor, long_side: int) -> Tensor:
    """A frame, (1, 3, H, W), with its long side brought to so many pixels at most, both sides even."""
    height, width = frame.shape[2:]
    scale = min(1.0, long_side / max(height, width))
    size = max(16, 2 * round(height * scale / 2)), max(16, 2 * round(width * scale / 2))
    return frame if size == (height, width) else F.interpolate(frame, size, mode="bilinear", antialias=True).clamp(0, 1)


def start(session: LiveSession) -> threading.Thread:
    """Run a session in a thread of its own."""

    def paint() -> None:
        with torch.inference_mode():
            session.run()

    thread = threading.Thread(target=paint, daemon=True)
    thread.start()
    return thread
