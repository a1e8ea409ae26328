"""Seeded noise, anchored in the picture: what a pixel gets depends on its place, not on the picture's size.

So a crop at an offset, a tile and a frame of a film see the same noise as the whole picture does there.
"""

from __future__ import annotations

import torch
from torch import Tensor

from texnet.rng import make_generator

BLOCK = 128  # pixels: the side of the squares that are drawn at once, each from its own seed


def draw_noise(
    seed: int, shape: tuple[int, ...], device: torch.device | str = "cpu", origin: tuple[int, int] = (0, 0)
) -> Tensor:
    """Standard normal noise, (N, C, H, W): a function of the seed, picture, channel and place of each pixel alone.

    ``origin`` is the place, (y, x) in pixels and possibly negative, of the noise's upper left corner. Drawn on the CPU, so
    that every device gets the same.
    """
    pictures, channels, height, width = shape
    rows, columns = origin[0] + torch.arange(height), origin[1] + torch.arange(width)
    noise = [noise_at(seed, channels, rows, columns, picture) for picture in range(pictures)]
    return torch.cat(noise).to(device)


def noise_at(seed: int, channels: int, rows: Tensor, columns: Tensor, picture: int = 0) -> Tensor:
    """The same noise at any rows, (H,), and columns, (W,), whole numbers of any sign and order: (1, C, H, W)."""
    ys, down = _find_blocks(rows)
    xs, across = _find_blocks(columns)
    noise = torch.empty(channels, len(rows), len(columns))
    for channel in range(channels):
        lines = (torch.cat([_draw_block(seed, picture, channel, y, x) for x in xs], 1) for y in ys)
        noise[channel] = torch.cat(list(lines))[down][:, across]
    return noise[None]


def _draw_block(seed: int, *place: int) -> Tensor:
    return torch.randn(BLOCK, BLOCK, generator=make_generator(seed, "noise", *place))


def _find_blocks(places: Tensor) -> tuple[list[int], Tensor]:
    """The blocks that places are in, and where the places are when these blocks stand side by side."""
    block = places.div(BLOCK, rounding_mode="floor")
    numbers = sorted(set(block.tolist()))
    return numbers, torch.searchsorted(torch.tensor(numbers), block) * BLOCK + places % BLOCK
