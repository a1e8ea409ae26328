"""Content distance: the photo's feature map, position by position (Gatys et al. 2016)."""

from __future__ import annotations

from torch import Tensor

from texnet.ops import mean_square


def content_distance(output: Tensor, content: Tensor) -> Tensor:
    """Mean squared difference of two feature maps per picture, float32: (N, C, H, W) twice -> (N,)."""
    return mean_square(output - content)  # (output - content).square().mean((1, 2, 3))
