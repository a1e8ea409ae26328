"""A border around what the loss sees, of another width on each side at each step.

Seen always at the same phase of VGG's poolings, a generator hides a grid of two or four pixels between them. The border
moves the phase, and every pixel still counts. Deviation from Johnson et al. 2016.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

WIDTH = 8  # pixels that are added along each axis: all phases of three poolings

Border = tuple[int, int, int, int]  # left, right, top, bottom
NO_BORDER: Border = (0, 0, 0, 0)


def draw_border(generator: torch.Generator) -> Border:
    """Widths of the four sides in pixels: WIDTH along each axis, shared out at random."""
    left, top = torch.randint(WIDTH + 1, (2,), generator=generator).tolist()
    return left, WIDTH - left, top, WIDTH - top


def add_border(image: Tensor, border: Border, mode: str = "reflect") -> Tensor:
    """Go on outwards with the picture's reflection, or with its opposite side where the mode is "circular".

    (N, C, H, W) -> (N, C, H + top + bottom, W + left + right).
    """
    return F.pad(image, border, mode=mode)
