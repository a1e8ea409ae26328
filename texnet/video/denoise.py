"""A camera's noise is averaged out of frames before they are painted: a network makes strokes of it, which tremble.

A recursive temporal filter that adapts to motion (Dubois & Sabri 1984): a pixel is averaged with those of the frames before,
in the scenery, as long as its neighborhood differs by no more than noise. The noise is measured in every frame.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

MEMORY = 8  # frames that are averaged at most
WINDOW = 5  # pixels to a side of a neighborhood
SAME, OTHER = 1.5, 3.0  # times the noise: what differs by less is the same thing, by more another
LARGEST_NOISE = 3 / 255  # standard deviation: what differs by more in half of the picture is no noise
MEDIAN = 0.888  # of the root mean square of three channels, of normal noise of deviation 1


class NoiseFilter:
    """Takes the frames of a scene in order, at their place in the scenery."""

    def __init__(self) -> None:
        self._mean: Tensor | None = None
        self._counts = torch.zeros(())
        self._place = (0, 0)

    def __call__(self, frame: Tensor, place: tuple[int, int]) -> Tensor:
        """A frame, (1, 3, H, W) in [0, 1], whose corner is at so many pixels down and right, with less noise."""
        if self._mean is None or self._mean.shape != frame.shape:
            self._mean, self._counts = frame, torch.ones_like(frame[:, :1])
        else:
            before, counts = self._at(frame, place)
            change = frame - before
            counts = 1 + _same(change, counts > 0) * counts.clamp(max=MEMORY - 1)
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


def _same(change: Tensor, known: Tensor) -> Tensor:
    """How likely places still show what they did, (1, 1, H, W) in [0, 1]; ``known``: where they were seen before."""
    if not known.any():
        return torch.zeros_like(change[:, :1])
    squares = change.square().mean(1, keepdim=True)
    noise = min(LARGEST_NOISE, float(squares[known].sqrt().median()) / MEDIAN)
    local = F.avg_pool2d(squares, WINDOW, 1, WINDOW // 2, count_include_pad=False).sqrt()
    return ((OTHER * noise - local) / max((OTHER - SAME) * noise, 1e-9)).clamp(0, 1)
