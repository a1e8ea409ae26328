"""Seeded noise: the same seed gives the same picture."""

from __future__ import annotations

import torch
from torch import Tensor

from texnet.seeds import derive_seed


def draw_noise(seed: int, shape: tuple[int, ...], device: torch.device | str = "cpu") -> Tensor:
    """Standard normal noise of the given shape, (N, C, H, W), drawn on the CPU so that every device gets the same."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(device)


def noise_at(seed: int, channels: int, rows: Tensor, columns: Tensor) -> Tensor:
    """Standard normal noise of an endless plane at rows (H,) and columns (W,), whole numbers of any sign: (1, C, H, W).

    A function of seed, channel and place alone, so that any part of the plane can be had at any time.
    """
    keys = torch.tensor([derive_seed(seed, "plane", channel) for channel in range(channels)])
    places = _scramble(_scramble(keys[:, None, None] + rows[:, None]) + columns)  # (C, H, W)
    uniform = ((places >> 11 & 2**53 - 1).double() + 0.5) / 2**53
    return (2**0.5 * torch.erfinv(2 * uniform - 1)).float()[None]


def _scramble(x: Tensor) -> Tensor:
    """The output function of SplitMix64 (Steele et al. 2014) on int64, whose products wrap around."""
    x = (x ^ (x >> 30 & 2**34 - 1)) * (0xBF58476D1CE4E5B9 - 2**64)
    x = (x ^ (x >> 27 & 2**37 - 1)) * (0x94D049BB133111EB - 2**64)
    return x ^ (x >> 31 & 2**33 - 1)
