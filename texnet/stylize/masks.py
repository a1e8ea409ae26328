"""A noise factor for every pixel, of one network or several: masks say where how strongly each of them paints.

The picture is stylized at a few calibrated noise factors, the levels, and every pixel mixes the two that its own lies
between. So a pixel at a level is exactly what that factor paints everywhere, whatever the mask says elsewhere, black gives
the photo's bytes, and refined pictures can be masked too. Conditioning every norm per pixel takes one pass, but all pixels
share a norm's statistics: white would not be full style as soon as some of the mask is black.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.errors import UserError
from texnet.stylize.stylizer import StylizeFn

SPACING = 0.125  # of the levels at most: neighbors differ too little for their mixture to look double
ROUNDING = 1e-4  # of a sum of masks that cover a pixel: it needs no level of its own
DECIMALS = 5  # of a feathered mask: sums of a kernel's weights are then exactly 0 and 1 beyond its reach


def stylize_with_mask(stylizer: StylizeFn, image: Tensor, mask: Tensor, seed: int = 0) -> Tensor:
    """Stylize pictures (N, 3, H, W) at the noise factors of a mask, (H, W) or (N, 1, H, W): same size, on the CPU.

    A mask of one value gives what that factor does. UserError where the sizes differ or the stylizer refuses a factor.
    """
    return _stylize(stylizer, image, mask, torch.ones(()), seed)


def stylize_with_masks(
    stylizers: Sequence[StylizeFn],
    image: Tensor,
    masks: Tensor,
    noise_factor: float = 1.0,
    seed: int = 0,
    levels: Tensor | None = None,
) -> Tensor:
    """Stylize pictures (N, 3, H, W) with K stylizers, each where its mask is, (K, H, W) in [0, 1]: same size, on the CPU.

    The sum of the masks, up to 1, multiplies the noise factor: where they end, the photo begins, and where one passes into
    another, full style passes into full style. Where several are above 0, their paintings are mixed by their shares of the
    sum. With one stylizer the mask is as in :func:`stylize_with_mask`. ``levels`` are those of the whole picture, from
    :func:`levels_between`, where this is a part of it. ValueError where numbers or sizes differ.
    """
    if len(stylizers) != len(masks):
        raise ValueError(f"{len(masks)} masks for {len(stylizers)} stylizers: give one for each")
    factors, shares = factors_and_shares(masks, noise_factor)
    output = image.cpu() * (masks.sum(0) == 0)
    for stylizer, share in zip(stylizers, shares, strict=True):
        if share.any():
            output += _stylize(stylizer, image, factors, share, seed, levels)
    return output


def factors_and_shares(masks: Tensor, noise_factor: float) -> tuple[Tensor, Tensor]:
    """The noise factor of every pixel, (H, W), and the share that each of K masks, (K, H, W), has of it."""
    total = masks.sum(0)  # (H, W)
    factors = noise_factor * torch.where(total > 1 - ROUNDING, 1, total)
    return factors, torch.where(total > 0, masks / total, 0)


def levels_between(low: float, high: float) -> Tensor:
    """The noise factors at which a picture is painted whose pixels have factors from low to high."""
    return torch.linspace(low, high, 1 + math.ceil((high - low) / SPACING))


def used_levels(factors: Tensor, share: Tensor, levels: Tensor) -> set[int]:
    """Which of the levels have a part in a picture, or a part of it, of these factors and shares, (H, W) each."""
    return {k for k in range(len(levels)) if (share * _weight(factors, levels, k)).any()}


def fit_mask(mask: Tensor, size: tuple[int, int], what: str = "the mask") -> Tensor:
    """A mask (H, W) brought to a size, (height, width).

    UserError, which begins with ``what`` the mask is, where it is of another shape, by more than a pixel's rounding.
    """
    if mask.shape == size:
        return mask
    (rows, columns), (height, width) = mask.shape, size
    if abs(rows * width - columns * height) > max(rows, columns, height, width):
        raise UserError(
            f"{what}: {columns}x{rows} pixels do not fit a picture of {width}x{height}; give a mask of the same width to height"
        )
    return F.interpolate(mask[None, None], size, mode="bilinear", antialias=True)[0, 0].clamp(0, 1)


def feather(mask: Tensor, radius: int) -> Tensor:
    """A mask (H, W) in [0, 1] with edges that pass smoothly from ``radius`` pixels inside to ``radius`` outside.

    A Hann window is averaged over, across and down; beyond its reach 0 stays 0 and 1 stays 1, exactly.
    """
    if radius == 0:
        return mask
    window = torch.hann_window(2 * radius + 3, periodic=False)[1:-1]  # (2 * radius + 1,), its zeros left out
    kernel = (window / window.sum())[None, None]
    for _ in range(2):  # rows, then columns
        padded = F.pad(mask[:, None], (radius, radius), mode="replicate")  # (H, 1, W + 2 * radius)
        mask = F.conv1d(padded, kernel)[:, 0].T
    return mask.clamp(0, 1).round(decimals=DECIMALS)


def _stylize(
    stylizer: StylizeFn, image: Tensor, factors: Tensor, share: Tensor, seed: int, levels: Tensor | None = None
) -> Tensor:
    """The share of every pixel, (H, W), times what the noise factors, (H, W) or (N, 1, H, W), paint there."""
    if factors.shape[-2:] != image.shape[-2:]:
        sizes = " and ".join(f"{width}x{height}" for height, width in (factors.shape[-2:], image.shape[-2:]))
        raise ValueError(f"noise factors and picture differ in size: {sizes} pixels")
    low, high = float(factors.min()), float(factors.max())
    if not math.isfinite(high - low):
        raise ValueError("noise factors must be finite numbers")
    levels = levels_between(low, high) if levels is None else levels
    output = torch.zeros_like(image, device="cpu")
    for k, level in enumerate(levels):
        weight = share * _weight(factors.to(levels), levels, k)
        if weight.any():
            output += weight * stylizer(image, level.item(), seed)  # (N, 3, H, W)
    return output


def _weight(mask: Tensor, levels: Tensor, k: int) -> Tensor:
    """The share of level k in every pixel: 1 at the level, falling to 0 at its neighbors."""
    share = torch.ones_like(mask)
    if k > 0:
        share = torch.minimum(share, (mask - levels[k - 1]) / (levels[k] - levels[k - 1]))
    if k < len(levels) - 1:
        share = torch.minimum(share, (levels[k + 1] - mask) / (levels[k + 1] - levels[k]))
    return share.clamp(min=0)
