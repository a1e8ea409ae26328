"""A style picture in the colors of photos: mean and covariance of R, G and B matched (Gatys et al. 2016).

"Preserving color in neural artistic style transfer": the style picture is recolored before its statistics are measured. Of the
linear maps that match both, this is the one that moves colors least (Pitié & Kokaram 2007), so that hues stay near.

Why not the other way, the painting brought to the style's colors, whose statistics need measuring only once? That divides by
the photo's deviations. For a photo with little color it asks for strong gradients in a direction in which nothing should be
painted. Here the style's are divided by, which are known beforehand, and a photo of grays has a style picture of grays.
"""

from __future__ import annotations

import torch
from torch import Tensor

LEAST_DEVIATION = 0.02  # of the style picture along an axis of color: less than that is not amplified, as in a woodcut
STRIDE = (0.7548776662466927, 0.5698402909980532)  # fills a square evenly, Roberts' R2 sequence


class MatchedStyle:
    """A style picture, (1, 3, H, W) in [0, 1], that takes on the colors of photos."""

    def __init__(self, picture: Tensor) -> None:
        self.picture = picture.float()
        self.mean, covariance = color_moments(self.picture)
        self.root = power(covariance, 0.5, LEAST_DEVIATION)  # (1, 3, 3)
        self.inverse_root = power(covariance, -0.5, LEAST_DEVIATION)

    def map_to(self, photos: Tensor) -> tuple[Tensor, Tensor]:
        """The map of colors to each photo of (N, 3, H, W) in [0, 1]: a matrix (N, 3, 3), and a constant (N, 3, 1)."""
        mean, covariance = color_moments(photos)
        matrix = self.inverse_root @ power(self.root @ covariance @ self.root, 0.5) @ self.inverse_root
        return matrix, mean - matrix @ self.mean

    def recolor(self, matrix: Tensor, constant: Tensor, part: Tensor | None = None) -> Tensor:
        """The picture, or a part (1, 3, h, w) of it, in the colors of N maps: (N, 3, H, W), clipped to [0, 1]."""
        part = self.picture if part is None else part
        pixels = part.flatten(2).expand(len(matrix), -1, -1)
        return torch.baddbmm(constant, matrix, pixels).clamp(0, 1).view(-1, *part.shape[1:])

    def crop(self, size: tuple[int, int], number: int) -> Tensor:
        """A part of at most that size, (1, 3, h, w): its place follows from the number, and many numbers cover all evenly."""
        height, width = (min(side, whole) for side, whole in zip(size, self.picture.shape[2:], strict=True))
        free = self.picture.shape[2] - height, self.picture.shape[3] - width
        top, left = (int(number * step % 1 * (room + 1)) for step, room in zip(STRIDE, free, strict=True))
        return self.picture[..., top : top + height, left : left + width]


def color_moments(images: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (N, 3, 1) and covariance (N, 3, 3) of the colors of pictures (N, 3, H, W), float32."""
    pixels = images.float().flatten(2)  # (N, 3, H * W)
    mean = pixels.mean(2, keepdim=True)
    centered = pixels - mean
    return mean, centered @ centered.mT / pixels.shape[2]


def power(covariance: Tensor, exponent: float, least_deviation: float = 0.0) -> Tensor:
    """A power of symmetric matrices (N, 3, 3) >= 0, whose eigenvalues count as ``least_deviation`` squared at least."""
    values, vectors = torch.linalg.eigh(covariance)
    values = values.clamp(min=least_deviation**2) ** exponent
    return (vectors * values[:, None]) @ vectors.mT
