"""What the camera does from frame to frame: where it points, how bright it exposes, and where another scene begins.

Each frame is compared with a key frame of its shot, so that errors do not add up; the next key frame follows where too little
of the last one is left. No optical flow: one shift and one gain for the whole picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.video.motion import Shift, find_shift, overlap, small_luminance

BINS = 6  # of each of R, G and B in a histogram
CUT, LEAST_CUT = 0.6, 0.25  # distance of histograms from which a frame begins a shot; the latter where nothing moved along
ANOTHER_SCENE = 0.6  # distance of histograms to the scene's first frame from which a shot shows another scene
FAR = 1 / 8  # of a side: a key frame is left behind
HYSTERESIS = 0.2  # pixels beyond the half at which the place changes: a camera at rest between two places keeps one
DARK, BRIGHT = 0.04, 0.96  # luminance beyond which exposure cannot be measured
SPARSE = 2  # every other pixel of a small picture is enough for a median
LEAST_GAIN, MOST_GAIN = 1 / 16, 1.3  # of a scene; where frames are brighter still, another one begins
FLAT = 0.02  # standard deviation of the luminance below which a frame shows nothing, as in a fade


@dataclass(frozen=True)
class View:
    """What the camera does at a frame.

    ``scene`` counts the scenes and ``is_cut`` tells whether this one began at a cut, and not by and by. ``place`` are the
    whole pixels, down and right, by which the picture's upper left corner moved through the scenery, ``rest`` what is
    left of the move, less than one. ``gain``: how many times
    as bright as the scene's first frame the same things are. ``is_flat``: nothing can be seen.
    """

    scene: int = 0
    is_cut: bool = True
    place: tuple[int, int] = (0, 0)
    rest: tuple[float, float] = (0.0, 0.0)
    gain: float = 1.0
    is_flat: bool = False


class CameraTracker:
    """Follows the camera through the frames of a video, given in order."""

    def __init__(self) -> None:
        self.view = View()
        self._scale = 1.0  # pixels of a frame per pixel of a small picture
        self._place = self._now = (0.0, 0.0)  # of the key frame and of the last one, pixels
        self._log_gain = 0.0  # of the key frame
        self._key = self._last = torch.zeros(0, 0)  # small pictures, (h, w)
        self._last_move = Shift(0.0, 0.0)  # from the key frame to the last frame, pixels of the small picture
        self._histogram = self._scene_histogram = torch.zeros(BINS**3)

    def follow(self, frame: Tensor) -> View:
        """What the camera does at the next frame, (1, 3, H, W) in [0, 1]."""
        gray, scale = small_luminance(frame)
        histogram = color_histogram(frame)
        is_flat = float(gray.std()) < FLAT
        if gray.shape != self._last.shape:  # the first frame, or another size
            self._begin(gray, scale, histogram, is_cut=True, number=0 if not len(self._last) else self.view.scene + 1)
        elif self.view.is_flat or self._is_cut(gray, histogram):
            self._begin(gray, scale, histogram, is_cut=True, number=self.view.scene + 1)
        else:
            self._go_on(gray)
            normal = color_histogram((frame / self.view.gain).clamp(0, 1))
            is_another = histogram_distance(normal, self._scene_histogram) > ANOTHER_SCENE
            if not is_flat and (is_another or self.view.gain >= MOST_GAIN):
                self._begin(gray, scale, histogram, is_cut=False, number=self.view.scene + 1)
        self._last, self._histogram = gray, histogram
        self.view = replace(self.view, is_flat=is_flat)
        return self.view

    def _begin(self, gray: Tensor, scale: float, histogram: Tensor, *, is_cut: bool, number: int) -> None:
        """Let a scene begin at a frame, at the origin after a cut, else where the camera is."""
        self._place = (0.0, 0.0) if is_cut else self._now
        self._scale, self._scene_histogram, self._log_gain = scale, histogram, 0.0
        self._key, self._last_move = gray, Shift(0.0, 0.0)
        self.view = View(number, is_cut) if is_cut else View(number, is_cut, self.view.place, self.view.rest)

    def _is_cut(self, gray: Tensor, histogram: Tensor) -> bool:
        distance = histogram_distance(histogram, self._histogram)
        if distance < LEAST_CUT:
            return False
        return not find_shift(self._last, gray).is_known or (distance > CUT and _correlation(self._last, gray) < 0.5)

    def _go_on(self, gray: Tensor) -> None:
        move = find_shift(self._key, gray)
        if not move.is_known:  # too far from the key frame: take the last one
            step = find_shift(self._last, gray)
            step = step if step.is_known else Shift(0.0, 0.0)
            move = Shift(self._last_move.down + step.down, self._last_move.right + step.right)
        log_gain = self._log_gain + _log_gain(self._key, gray, move)
        log_gain = max(math.log(LEAST_GAIN), min(math.log(MOST_GAIN), log_gain))
        # what the frame shows moved down, so the camera went up
        self._now = (self._place[0] - move.down * self._scale, self._place[1] - move.right * self._scale)
        down, right = (_settle(now, before) for now, before in zip(self._now, self.view.place, strict=True))
        rest = (self._now[0] - down, self._now[1] - right)
        self.view = View(self.view.scene, self.view.is_cut, (down, right), rest, math.exp(log_gain))
        self._last_move = move
        is_far = abs(move.down) > FAR * gray.shape[0] or abs(move.right) > FAR * gray.shape[1]
        if is_far or not move.is_known:
            self._key, self._place, self._log_gain, self._last_move = gray, self._now, log_gain, Shift(0.0, 0.0)


def color_histogram(frame: Tensor) -> Tensor:
    """Which share of a frame, (1, 3, H, W) in [0, 1], has which color: (BINS ** 3,), sum 1."""
    height, width = frame.shape[2:]
    step = max(1, min(height, width) // 90)
    bins = (frame[0, :, ::step, ::step] * BINS).long().clamp(0, BINS - 1).flatten(1)  # (3, h * w)
    number = (bins[0] * BINS + bins[1]) * BINS + bins[2]
    return torch.bincount(number, minlength=BINS**3).float() / number.numel()


def histogram_distance(a: Tensor, b: Tensor) -> float:
    """Which share of the pixels would have to change to make one histogram the other: 0 to 1."""
    return float((a - b).abs().sum()) / 2


def _settle(now: float, before: int) -> int:
    return round(now) if abs(now - before) > 0.5 + HYSTERESIS else before


def _log_gain(key: Tensor, gray: Tensor, move: Shift) -> float:
    """The logarithm of how many times as bright what both small pictures show became: a median, which spares what moves."""
    old, new = (part[::SPARSE, ::SPARSE] for part in overlap(key, gray, round(move.down), round(move.right)))
    measurable = (old > DARK) & (old < BRIGHT) & (new > DARK * LEAST_GAIN) & (new < BRIGHT)
    if not measurable.any():
        return 0.0
    return float((new[measurable] / old[measurable]).log().median())


def _correlation(a: Tensor, b: Tensor) -> float:
    """How much light and dark lie in the same places: 1 in all, 0 in none."""
    return float(F.cosine_similarity((a - a.mean()).flatten(), (b - b.mean()).flatten(), dim=0))
