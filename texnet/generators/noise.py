"""Seeded noise that joins the photo, anchored in it: what a pixel gets depends on its place, not on the picture's size.

So a crop at an offset, a tile and a frame of a film see the same noise as the whole picture does there.
"""

from __future__ import annotations

import torch
from torch import Tensor

from texnet.seeds import random_for

BLOCK = 128  # pixels: the side of the squares that are drawn at once, each from its own seed


def draw_noise(
    seed: int, shape: tuple[int, ...], device: torch.device | str = "cpu", origin: tuple[int, int] = (0, 0)
) -> Tensor:
    """Standard normal noise, (N, C, H, W): a function of the seed, picture, channel and place of each pixel alone.

    ``origin`` is the place, (y, x) in pixels and possibly negative, of the noise's upper left corner. Drawn on the CPU, so
    that every device gets the same.
    """
    pictures, channels, height, width = shape
    noise = torch.empty(pictures * channels, height, width)
    for plane, values in enumerate(noise):
        for rows, y in _spans(origin[0], height):
            for columns, x in _spans(origin[1], width):
                block = torch.randn(BLOCK, BLOCK, generator=random_for(seed, "noise", *divmod(plane, channels), y, x))
                values[_place(rows, origin[0]), _place(columns, origin[1])] = block[_inside(rows, y), _inside(columns, x)]
    return noise.view(shape).to(device)


def _spans(begin: int, length: int) -> list[tuple[range, int]]:
    """The parts into which the blocks cut a line of pixels, each with its block's number."""
    end = begin + length
    numbers = range(begin // BLOCK, -(-end // BLOCK))
    return [(range(max(begin, n * BLOCK), min(end, (n + 1) * BLOCK)), n) for n in numbers]


def _place(part: range, begin: int) -> slice:
    return slice(part.start - begin, part.stop - begin)


def _inside(part: range, block: int) -> slice:
    return _place(part, block * BLOCK)
