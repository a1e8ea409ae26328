"""A noise factor for every pixel: a gray picture says where how strongly to paint.

The picture is painted at a few levels of the calibrated dial, and every pixel mixes the two that its factor lies between.
So whatever a mask says elsewhere, a pixel at a level is exactly what that factor paints everywhere, black is the photo's
bytes, and any painter will do, refined ones too. Conditioning every norm per pixel takes one pass, but all pixels share a
norm's statistics: white would not be full style as soon as some of the mask is black.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.errors import UserError
from texnet.images import load_picture

SPACING = 0.125  # of the levels at most, on the dial: neighbors differ too little for their mixture to look double
LUMA = (0.299, 0.587, 0.114)  # of R, G, B (Rec. 601); leaves the bytes of a gray picture as they are


def stylize_with_mask(paint: Callable[[Tensor, float, int], Tensor], image: Tensor, factors: Tensor, seed: int = 0) -> Tensor:
    """Paint (N, 3, H, W) at the noise factors of a map, (H, W) or (N, 1, H, W), by a painter at single ones.

    A map of one value paints what that factor does. ValueError where the sizes differ, or from the painter for its factors.
    """
    if factors.shape[-2:] != image.shape[-2:]:
        sizes = " and ".join(f"{width}x{height}" for height, width in (factors.shape[-2:], image.shape[-2:]))
        raise ValueError(f"noise factors and picture differ in size: {sizes} pixels")
    low, high = float(factors.min()), float(factors.max())
    if not math.isfinite(high - low):
        raise ValueError("noise factors must be finite numbers")
    levels = torch.linspace(low, high, 1 + math.ceil((high - low) / SPACING))
    painted = torch.zeros_like(image, device="cpu")
    for k, level in enumerate(levels):
        weight = _weight(factors.to(levels), levels, k)
        if weight.any():
            painted += weight * paint(image, level.item(), seed)
    return painted


def load_masks(noise_factors: Iterable[float | str]) -> dict[str, Tensor]:
    """The masks that are among noise factors, by the names of their files."""
    return {factor: load_mask(factor) for factor in noise_factors if isinstance(factor, str)}


def load_mask(path: str | Path) -> Tensor:
    """Noise factors from a picture, (H, W): black 0, white 1.

    UnreadablePictureError names a file that is no picture, FileNotFoundError one that is not there.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"--noise_factor {path}: neither a number nor a picture's file")
    pixels = load_picture(path).pixels.float()
    return (pixels * torch.tensor(LUMA)[:, None, None]).sum(0).round() / 255


def fit_mask(factors: Tensor, size: tuple[int, int], path: str) -> Tensor:
    """A map (H, W) brought to a size, (height, width).

    ValueError, which names the map's file, where it is of another shape, by more than a pixel's rounding.
    """
    if factors.shape == size:
        return factors
    (rows, columns), (height, width) = factors.shape, size
    if abs(rows * width - columns * height) > max(rows, columns, height, width):
        raise UserError(
            f"--noise_factor {path}: {columns}x{rows} pixels do not fit a picture of {width}x{height}; "
            "give a mask of the same width to height"
        )
    return F.interpolate(factors[None, None], size, mode="bilinear", antialias=True)[0, 0].clamp(0, 1)


def _weight(factors: Tensor, levels: Tensor, k: int) -> Tensor:
    """The share of level k in every pixel: 1 at the level, falling to 0 at its neighbors."""
    share = torch.ones_like(factors)
    if k > 0:
        share = torch.minimum(share, (factors - levels[k - 1]) / (levels[k] - levels[k - 1]))
    if k < len(levels) - 1:
        share = torch.minimum(share, (levels[k + 1] - factors) / (levels[k + 1] - levels[k]))
    return share.clamp(min=0)
