"""Total variation: how much neighboring pixels differ; a little weight on it removes speckle."""

from __future__ import annotations

from torch import Tensor


def total_variation(image: Tensor) -> Tensor:
    """Mean absolute difference between neighbors, across plus down, per picture: (N, C, H, W) -> (N,).

    0 for a constant picture; 1 for columns that alternate between 0 and 1.
    """
    across = (image[..., :, 1:] - image[..., :, :-1]).abs().flatten(1).mean(1)
    down = (image[..., 1:, :] - image[..., :-1, :]).abs().flatten(1).mean(1)
    return across + down
