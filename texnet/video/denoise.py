"""A camera's noise is averaged out of frames before they are painted: a network makes strokes of it, which tremble.

A recursive temporal filter that adapts to motion (Dubois & Sabri 1984): a pixel is averaged with those of the frames before,
in the scenery, as long as its neighborhood differs by no more than noise. The noise is measured in every frame.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

MEMORY = 8  # frames that are averaged at most
WINDOW = 5  # pixels to a side of a neighborhood
SAME, OTHER = 1.5, 3.0  # times the noise: what differs by less is the same thing, by more another
LARGEST_NOISE = 3 / 255  # standard deviation: what differs by more in three quarters of the picture is no noise
QUIET, QUARTILE = 0.25, 0.636  # share of the picture, and its root mean square of three channels, of noise of deviation 1
ROUGH = 3  # pixels to a side of what is taken out of a change to measure noise, which differs from pixel to pixel
ROUGHNESS = math.sqrt(1 - 1 / ROUGH**2)  # what is left of its deviation


class NoiseFilter:
    """Takes the frames of a scene in order, at their place in the scenery."""

    def __init__(self) -> None:
        self._mean: Tensor | None = None
        self._counts = torch.zeros(())
        self._place = (0, 0)
        self._noise = 0.0  # standard deviation, as it was measured last

    def __call__(self, frame: Tensor, place: tuple[int, int]) -> Tensor:
        """A frame, (1, 3, H, W) in [0, 1], whose corner is at so many pixels down and right, with less noise."""
        if self._mean is None or self._mean.shape != frame.shape:
            self._mean, self._counts = frame, torch.ones_like(frame[:, :1])
        else:
            before, counts = self._at(frame, place)
            change = frame - before
            self._noise = _measure_noise(change, counts > 0, self._noise)
            counts = 1 + _same(change, self._noise) * counts.clamp(max=MEMORY - 1)
            self._mean, self._counts = before + change / counts, counts
        self._place = place
        return self._mean

    def _at(self, frame: Tensor, place: tuple[int, int]) -> tuple[Tensor, Tensor]:
        """The average at another place, and of how many frames it is, (1, 1, H, W): the frame itself and 0 where of none."""
        assert self._mean is not None
        before, counts = frame.clone(), torch.zeros_like(self._counts)
        down, right = (now - then for now, then in zip(place, self._place, strict=True))
        height, width = frame.shape[2:]
        if abs(down) < height and abs(right) < width:
            to = (..., slice(max(0, -down), height - max(0, down)), slice(max(0, -right), width - max(0, right)))
            of = (..., slice(max(0, down), height - max(0, -down)), slice(max(0, right), width - max(0, -right)))
            before[to], counts[to] = self._mean[of], self._counts[of]
        return before, counts


def _measure_noise(change: Tensor, known: Tensor, otherwise: float) -> float:
    """The standard deviation of the noise in a change, (1, 3, H, W), at places that were seen before, ``known``.

    What moves changes its surroundings alike, which is taken out. ``otherwise`` where it is too much for noise.
    """
    rough = change - F.avg_pool2d(change, ROUGH, 1, ROUGH // 2, count_include_pad=False)
    squares = rough.square().mean(1, keepdim=True)
    squares = squares[known & (squares > 0)]  # what a camera or a codec left as it was tells nothing
    if not len(squares):
        return otherwise
    quartile = squares.kthvalue(1 + int(QUIET * (len(squares) - 1))).values
    noise = math.sqrt(float(quartile)) / (QUARTILE * ROUGHNESS)
    return noise if noise <= LARGEST_NOISE else otherwise


def _same(change: Tensor, noise: float) -> Tensor:
    """How likely places still show what they did, (1, 1, H, W) in [0, 1], by a change of (1, 3, H, W)."""
    local = F.avg_pool2d(change.square().mean(1, keepdim=True), WINDOW, 1, WINDOW // 2, count_include_pad=False).sqrt()
    return ((OTHER * noise - local) / max((OTHER - SAME) * noise, 1e-9)).clamp(0, 1)
