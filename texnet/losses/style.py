"""Style statistics of a feature map: which colors and strokes occur, not where (Gatys et al. 2016).

Every statistic takes features (N, C, H, W), and a unit that they are divided by, and gives named parts, float32: sums in
float16 overflow, in bfloat16 they lose small differences.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional as F

from texnet.ops import channel_products, square_root

QUANTILES = 128


def gram_matrix(features: Tensor) -> Tensor:
    """Channel correlations averaged over positions: (N, C, H, W) -> (N, C, C), float32.

    Divided by C * H * W as in Johnson et al. 2016, so that pictures of different sizes compare.
    """
    _, c, h, w = features.shape
    flat = features.flatten(2)  # (N, C, H * W)
    products, _ = channel_products(flat)  # flat @ flat.mT, (N, C, C)
    return products / (c * h * w)


def gram(features: Tensor, unit: float = 1.0) -> dict[str, Tensor]:
    """The Gram matrix alone (Gatys et al. 2016): in shallow layers the mean brightness dominates it."""
    return {"gram": gram_matrix(features) / unit**2}


def covariance(features: Tensor, unit: float = 1.0) -> dict[str, Tensor]:
    """The Gram matrix taken apart: channel means (N, C) and covariances (N, C, C).

    With the mean apart, brightness no longer drowns contrast and hue, and a few glaring spots no longer match an even
    texture, as they do in a Gram matrix.
    """
    _, c, h, w = features.shape
    flat = features.flatten(2)  # (N, C, H * W)
    products, sums = channel_products(flat)  # flat @ flat.mT, flat.sum(2)
    mean = sums / (h * w * unit)  # (N, C)
    centered = products / (h * w * unit**2) - mean[:, :, None] * mean[:, None, :]  # (N, C, C)
    return {"mean": mean, "covariance": centered / c}


def sqrt_moments(features: Tensor, unit: float = 1.0) -> dict[str, Tensor]:
    """Mean and covariance of the square roots of features, which are >= 0 and about a unit on average.

    Rare peaks dominate squared features: a few glaring spots match a texture, and a network finds spots before it finds
    strokes. Among square roots (Hellinger's kernel, Arandjelovic & Zisserman 2012) every part of the picture counts, and
    the texture becomes even.
    """
    return covariance(square_root(features, unit))  # sqrt(features / unit + ROOT_OFFSET)


def quantiles(features: Tensor) -> dict[str, Tensor]:
    """How often each value occurs in each channel: QUANTILES means of its sorted values, (N, C, QUANTILES), float32.

    Their distance is the sliced Wasserstein distance (Rabin et al. 2011, as a loss Heitz et al. 2021), the slices being the
    channels. Unlike means and covariances it sees tones and rare colors: black, white, a spot of green.
    """
    ordered = features.float().flatten(2).sort(dim=2).values  # (N, C, H * W)
    return {"quantiles": F.adaptive_avg_pool1d(ordered, QUANTILES)}


STATISTICS: dict[str, Callable[..., dict[str, Tensor]]] = {"gram": gram, "covariance": covariance, "sqrt_moments": sqrt_moments}


def squared_distance(a: Tensor, b: Tensor) -> Tensor:
    """Sum of squared differences per picture: (N, ...), (N or 1, ...) -> (N,)."""
    return (a.float() - b.float()).square().flatten(1).sum(1)
