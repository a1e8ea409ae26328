"""The picture on a card: the style, a photo, and that photo at three noise factors."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from texnet.drawing.samples import sample_photo
from texnet.images import center_square, load_image, resize, resize_long, side_by_side, to_bytes, to_float
from texnet.stylize import StylizeFn, Stylizer

PHOTO = "astronaut"  # of scikit-image, by NASA, in the public domain
FACTORS = (0.5, 1.0, 1.5)
SIDE = 256  # pixels: the widest that a checkpoint's preview may be
STYLE_SIDE = SIDE // 2


def square_photo(name: str = PHOTO, side: int = SIDE) -> Tensor:
    """The middle of one of scikit-image's photos: (1, 3, side, side) in [0, 1]. UserError where that is not installed."""
    return resize_long(center_square(load_image(sample_photo(name))), side)


def factors_of(stylizer: Stylizer, factors: Sequence[float] = FACTORS) -> list[float]:
    """The noise factors nearest to some that a network was trained for."""
    return [stylizer.nearest_noise_factor(factor) for factor in factors]


def render_preview(stylizer: Stylizer, style: Tensor) -> Tensor:
    """Style and photo beside each other, below them the photo at FACTORS: uint8 (3, 213, 256).

    The style picture is (1, 3, H, W) in [0, 1]; of it the middle is shown.
    """
    photo = square_photo()
    results = [stylizer(photo, factor) for factor in factors_of(stylizer)]
    above = side_by_side([resize_long(tile, STYLE_SIDE) for tile in (center_square(style), photo)])  # (1, 3, 128, 256)
    below = side_by_side(results)  # (1, 3, 256, 768)
    return to_bytes(torch.cat([above, resize(below, (SIDE // len(FACTORS), SIDE))], dim=2)[0])


def style_tile(preview: Tensor) -> Tensor:
    """The style picture in a preview, uint8 (3, H, W), of a card or a run: (1, 3, 128, 128) in [0, 1]."""
    return to_float(preview[None, :, :STYLE_SIDE, :STYLE_SIDE])


def largest_difference(paint: StylizeFn, other: StylizeFn, factors: Sequence[float]) -> float:
    """The largest difference, in [0, 1], of any number of the photo painted by both at some noise factors."""
    photo = square_photo()
    pairs = ((paint(photo, factor, 0), other(photo, factor, 0)) for factor in factors)
    return max((a - b).abs().max().item() for a, b in pairs)
