"""The terms of a loss beside style: content, total variation, diversity."""

from __future__ import annotations

import torch
from torch import Tensor

from texnet.ops import mean_square

EQUAL = 0.01  # of the unit: bounds the diversity term where two pictures are equal


def content_distance(output: Tensor, content: Tensor) -> Tensor:
    """Mean squared difference of two feature maps per picture, float32: (N, C, H, W) twice -> (N,)."""
    return mean_square(output - content)  # (output - content).square().mean((1, 2, 3))


def total_variation(image: Tensor) -> Tensor:
    """Mean absolute difference between neighbors, across plus down, per picture: (N, C, H, W) -> (N,).

    0 for a constant picture; 1 for columns that alternate between 0 and 1.
    """
    across = (image[..., :, 1:] - image[..., :, :-1]).abs().flatten(1).mean(1)
    down = (image[..., 1:, :] - image[..., :-1, :]).abs().flatten(1).mean(1)
    return across + down


class DiversityLoss:
    """Minus the logarithm of the distance from each picture to the nearest of its ``copies``, which differ in noise alone.

    The distance is in units of that between two places of the texture, (1, 3, H, W) in [0, 1]: two pictures that have no
    more in common than these give 0, equal ones 2.3, times ``weight``.
    """

    def __init__(self, texture: Tensor, *, weight: float, copies: int) -> None:
        self.weight = weight
        self.copies = copies
        self.unit = max(2 * texture.float().var((2, 3)).mean().item(), EQUAL**2)

    def pick(self, batch: Tensor) -> Tensor:
        """The first of every ``copies`` items in place of them all: (N, ...) -> (N, ...), N divisible by ``copies``."""
        return batch[:: self.copies].repeat_interleave(self.copies, dim=0)

    def __call__(self, output: Tensor, style_share: Tensor) -> Tensor:
        """The weighted term, a scalar, of pictures (N, 3, H, W) in the order of :meth:`pick`, each with its share, (N,)."""
        pictures = output.float().reshape(len(output) // self.copies, self.copies, -1)  # (N / copies, copies, 3 * H * W)
        squares = torch.cdist(pictures, pictures).square() / pictures.shape[2]
        itself = torch.eye(self.copies, dtype=torch.bool, device=output.device)
        nearest = squares.masked_fill(itself, torch.inf).amin(2).flatten()  # (N,)
        return -self.weight * (style_share * 0.5 * (nearest / self.unit + EQUAL).log()).mean()
