"""Resampling along one axis of an endless plane by cubic convolution (Keys 1981), for scales near 1."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Resampling:
    """Which pixels of the source are needed, and their weights, (wanted, needed), whose rows add up to 1."""

    source: range
    weights: Tensor


def resampling(wanted: range, length: int, new_length: int) -> Resampling:
    """How to get the wanted pixels after ``length`` of the source became ``new_length``."""
    centers = (torch.arange(wanted.start, wanted.stop, dtype=torch.float64) + 0.5) * length / new_length - 0.5
    source = range(int(centers[0].floor()) - 1, int(centers[-1].floor()) + 3)
    distances = (centers[:, None] - torch.arange(source.start, source.stop)).abs()
    near = (1.5 * distances - 2.5) * distances**2 + 1
    far = ((2.5 - 0.5 * distances) * distances - 4) * distances + 2
    return Resampling(source, torch.where(distances < 1, near, torch.where(distances < 2, far, 0.0)).float())
