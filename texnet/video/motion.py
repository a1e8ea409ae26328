"""How far the camera moved between two frames: one shift of the whole picture, by phase correlation (Kuglin & Hines 1975).

A frame is reduced to a small picture of its luminance first. The cross-power spectrum is weighted by a Gaussian, which leaves
out the frequencies that noise and aliasing spoil. The correlation's peak is then a Gaussian of a known width, and a parabola
through the logarithms of three of its values is exact: its place to a fraction of a pixel, and its height, which says how much
of the picture moved like that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.metrics import luminance

LONG_SIDE = 320  # pixels of the small picture at most
PEAK = 1.5  # pixels: standard deviation of the correlation's peak
EDGE = 0.1  # of a side, which a window fades
SURE = 2.0  # times a share that comes by chance
SMALLEST_SIDE = 16  # pixels of an overlap that is compared
TINY = 1e-12
TAPS = 3  # pixels to each side that a sharp move reaches
LEAST_MOVE = 0.02  # pixels: less is not moved


@dataclass(frozen=True)
class Shift:
    """How far what the camera shows moved, down and right in pixels, and which share of the picture moved like that.

    ``is_known``: it is much larger a share than pictures of other things have by chance.
    """

    down: float
    right: float
    share: float = 0.0
    is_known: bool = False


def small_luminance(frame: Tensor) -> tuple[Tensor, float]:
    """A frame (1, 3, H, W) in [0, 1] as a small picture of its luminance, (h, w), and how many of its pixels one is."""
    height, width = frame.shape[2:]
    scale = max(1.0, max(height, width) / LONG_SIDE)
    gray = luminance(frame)  # (1, 1, H, W)
    if scale > 1:
        gray = F.interpolate(gray, (max(1, round(height / scale)), max(1, round(width / scale))), mode="area")
    return gray[0, 0], width / gray.shape[3]


def find_shift(before: Tensor, after: Tensor) -> Shift:
    """How far what ``before`` shows moved until ``after``, small pictures (h, w) of one size: in their pixels.

    A first look finds whole pixels; what both show is then compared without what only one of them does.
    """
    coarse = _correlate(before, after)
    down, right = round(coarse.down), round(coarse.right)
    if down == right == 0:
        return coarse
    old, new = overlap(before, after, down, right)
    if min(old.shape) < SMALLEST_SIDE:
        return Shift(coarse.down, coarse.right)
    fine = _correlate(old, new)
    return Shift(down + fine.down, right + fine.right, fine.share, fine.is_known)


def overlap(before: Tensor, after: Tensor, down: int, right: int) -> tuple[Tensor, Tensor]:
    """The parts of two pictures (h, w) that show the same, where it moved by whole pixels: (h - |down|, w - |right|) each."""
    height, width = before.shape
    old = before[max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)]
    new = after[max(0, down) : height + min(0, down), max(0, right) : width + min(0, right)]
    return old, new


def move(image: Tensor, down: float, right: float) -> Tensor:
    """Pictures (N, C, H, W) in [0, 1] moved by a fraction of a pixel, sharply: Lanczos' kernel, the border reflected."""
    for axis, distance in ((2, down), (3, right)):
        if abs(distance) > LEAST_MOVE and image.shape[axis] > TAPS:
            kernel = _lanczos(distance).to(image)
            side = [TAPS, TAPS] if axis == 3 else [0, 0, TAPS, TAPS]
            padded = F.pad(image, side if axis == 2 else [*side, 0, 0], mode="reflect")
            shape = (1, 1, 1, -1) if axis == 3 else (1, 1, -1, 1)
            channels = image.shape[1]
            image = F.conv2d(padded, kernel.view(shape).expand(channels, 1, -1, -1), groups=channels).clamp(0, 1)
    return image


def _lanczos(distance: float) -> Tensor:
    """The kernel that moves to the right by a distance below a pixel: (2 * TAPS + 1,), sum 1."""
    place = torch.arange(-TAPS, TAPS + 1) + distance
    kernel = torch.sinc(place) * torch.sinc(place / TAPS) * (place.abs() < TAPS)
    return kernel / kernel.sum()


def _correlate(before: Tensor, after: Tensor) -> Shift:
    window, weight, ideal = _weights(before.shape[0], before.shape[1])
    spectra = torch.fft.rfft2((torch.stack([before, after]) - before.mean()) * window)
    cross = spectra[1] * spectra[0].conj()
    peaks = torch.fft.irfft2(weight * cross / cross.abs().clamp(min=TINY), before.shape) / ideal  # (h, w)
    height, width = before.shape
    best = int(peaks.argmax())
    y, x = divmod(best, width)
    around = [float(peaks[(y + dy) % height, (x + dx) % width]) for dy, dx in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))]
    middle, above, below, left, right = around
    (dy, up_height), (dx, across_height) = _vertex(above, middle, below), _vertex(left, middle, right)
    share = min(1.0, max(0.0, middle * up_height * across_height))
    return Shift(_signed(y, height) + dy, _signed(x, width) + dx, share, share > SURE * _chance(height, width))


def _chance(height: int, width: int) -> float:
    """The highest of the correlations that unrelated pictures have, about: as of so many independent numbers."""
    count = max(2.0, height * width / (4 * math.pi * PEAK**2))
    return math.sqrt(2 * math.log(count) / count)


def _vertex(before: float, middle: float, after: float) -> tuple[float, float]:
    """Where a Gaussian through three values has its peak, within half a pixel of the middle, and its height over that."""
    if min(before, after) <= 0 or middle <= 0:
        return 0.0, 1.0
    a, b, c = math.log(before), math.log(middle), math.log(after)
    bend = a - 2 * b + c
    place = 0.0 if bend >= 0 else max(-0.5, min(0.5, (a - c) / (2 * bend)))
    return place, math.exp(place * place / (2 * PEAK * PEAK))


def _signed(index: int, size: int) -> int:
    return index - size if index > size // 2 else index


def _taper(side: int) -> Tensor:
    """A window, (side,): 1 but for the edges, so that what fills most of the picture counts most, and not its middle."""
    place = (torch.arange(side) + 0.5) / side
    return 0.5 - 0.5 * torch.cos(math.pi * (torch.minimum(place, 1 - place) / EDGE).clamp(max=1))


@lru_cache(maxsize=32)
def _weights(height: int, width: int) -> tuple[Tensor, Tensor, float]:
    """The window over a picture, the weight of every frequency, and the peak that equal pictures have."""
    window = torch.outer(_taper(height), _taper(width))
    down, right = 2 * math.pi * torch.fft.fftfreq(height)[:, None], 2 * math.pi * torch.fft.rfftfreq(width)[None]
    weight = torch.exp(-0.5 * PEAK**2 * (down.square() + right.square()))  # (h, w / 2 + 1)
    weight[0, 0] = 0.0  # the mean says nothing about a shift
    return window, weight, float(torch.fft.irfft2(weight, (height, width))[0, 0])
