"""A noise factor for every pixel: a gray picture, the mask, says where how strongly to paint.

The picture is stylized at a few calibrated noise factors, the levels, and every pixel mixes the two that its own lies
between. So a pixel at a level is exactly what that factor paints everywhere, whatever the mask says elsewhere, black gives
the photo's bytes, and refined pictures can be masked too. Conditioning every norm per pixel takes one pass, but all pixels
share a norm's statistics: white would not be full style as soon as some of the mask is black.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.errors import UserError
from texnet.files import exists
from texnet.images import load_picture
from texnet.metrics import luminance

SPACING = 0.125  # of the levels at most: neighbors differ too little for their mixture to look double


StylizeFn = Callable[[Tensor, float, int], Tensor]  # a Stylizer or a Refiner: image, noise factor, seed


def stylize_with_mask(stylizer: StylizeFn, image: Tensor, mask: Tensor, seed: int = 0) -> Tensor:
    """Stylize pictures (N, 3, H, W) at the noise factors of a mask, (H, W) or (N, 1, H, W): same size, on the CPU.

    A mask of one value gives what that factor does. UserError where the sizes differ or the stylizer refuses a factor.
    """
    if mask.shape[-2:] != image.shape[-2:]:
        sizes = " and ".join(f"{width}x{height}" for height, width in (mask.shape[-2:], image.shape[-2:]))
        raise ValueError(f"noise factors and picture differ in size: {sizes} pixels")
    low, high = float(mask.min()), float(mask.max())
    if not math.isfinite(high - low):
        raise ValueError("noise factors must be finite numbers")
    levels = torch.linspace(low, high, 1 + math.ceil((high - low) / SPACING))
    output = torch.zeros_like(image, device="cpu")
    for k, level in enumerate(levels):
        weight = _weight(mask.to(levels), levels, k)
        if weight.any():
            output += weight * stylizer(image, level.item(), seed)  # (N, 3, H, W)
    return output


def load_mask(path: str | Path) -> Tensor:
    """A mask from a picture, (H, W) in [0, 1]: black 0, white 1; what is transparent counts as black.

    UnreadablePictureError names a file that is no picture, FileNotFoundError one that is not there, UserError one that is
    black wherever it is not transparent.
    """
    if not exists(path):
        raise FileNotFoundError(f"--mask {path}: no such picture")
    picture = load_picture(path)
    gray = luminance(picture.pixels)[0].round() / 255  # leaves the bytes of a gray picture as they are
    if picture.alpha is None:
        return gray
    gray *= picture.alpha / 255
    if not gray.any():
        raise UserError(f"--mask {path}: black wherever it is not transparent, so nothing would be painted; use white")
    return gray


def fit_mask(mask: Tensor, size: tuple[int, int], path: str) -> Tensor:
    """A mask (H, W) brought to a size, (height, width).

    UserError, which names the mask's file, where it is of another shape, by more than a pixel's rounding.
    """
    if mask.shape == size:
        return mask
    (rows, columns), (height, width) = mask.shape, size
    if abs(rows * width - columns * height) > max(rows, columns, height, width):
        raise UserError(
            f"--mask {path}: {columns}x{rows} pixels do not fit a picture of {width}x{height}; "
            "give a mask of the same width to height"
        )
    return F.interpolate(mask[None, None], size, mode="bilinear", antialias=True)[0, 0].clamp(0, 1)


def _weight(mask: Tensor, levels: Tensor, k: int) -> Tensor:
    """The share of level k in every pixel: 1 at the level, falling to 0 at its neighbors."""
    share = torch.ones_like(mask)
    if k > 0:
        share = torch.minimum(share, (mask - levels[k - 1]) / (levels[k] - levels[k - 1]))
    if k < len(levels) - 1:
        share = torch.minimum(share, (levels[k + 1] - mask) / (levels[k + 1] - levels[k]))
    return share.clamp(min=0)
