"""Two pictures of half the size, each with two pixels in its channels, as one."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.overrides import handle_torch_function, has_torch_function


def interleave(upper: Tensor, lower: Tensor) -> Tensor:
    """Rows of two pictures in turns, each pixel holding a left and a right one: (N, 2 * C, H, W) -> (N, C, 2 * H, 2 * W).

    As F.pixel_shuffle, with other channels: those of the left pixels come first. In channels_last whole rows are copied.
    """
    if has_torch_function((upper, lower)):
        return handle_torch_function(interleave, (upper, lower), upper, lower)
    n, channels, height, width = upper.shape
    rows = torch.stack([upper.permute(0, 2, 3, 1), lower.permute(0, 2, 3, 1)], dim=2)  # (N, H, 2, W, 2 * C)
    return rows.view(n, 2 * height, 2 * width, channels // 2).permute(0, 3, 1, 2)
