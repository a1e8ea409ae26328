"""Style statistics of a feature map: which colors and strokes occur, not where (Gatys et al. 2016)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import register_flop_formula

ROOT_OFFSET = 0.01  # of the mean feature: bounds the slope of the square root at 0
ROOT_OF_ZERO = {  # as each format rounds it, and a hair above, as a compiled root may round otherwise
    dtype: torch.zeros((), dtype=dtype).add_(ROOT_OFFSET).sqrt_().item() * (1 + 1e-6)
    for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16)
}


def gram_matrix(features: Tensor) -> Tensor:
    """Channel correlations averaged over positions.

    (N, C, H, W) -> (N, C, C), float32. Divided by C * H * W as in Johnson et al. (2016), so that pictures of
    different sizes compare. Sums are float32: float16 overflows, bfloat16 rounds small differences away.
    """
    products, _ = _sums_over_positions(features.flatten(2))
    return products / (features.shape[1] * features.shape[2] * features.shape[3])


def gram(features: Tensor, unit: float = 1.0) -> dict[str, Tensor]:
    """The Gram matrix alone (Gatys et al. 2016), of features in a unit: in shallow layers it is ruled by mean brightness."""
    return {"gram": gram_matrix(features) / unit**2}


def covariance(features: Tensor, unit: float = 1.0) -> dict[str, Tensor]:
    """Of features in a unit, the Gram matrix taken apart: channel means (N, C) and covariances (N, C, C), float32.

    Counted apart, brightness no longer drowns contrast and hue, and a few glaring spots no longer pass for an even
    texture, as they do in a Gram matrix.
    """
    _, c, h, w = features.shape
    products, sums = _sums_over_positions(features.flatten(2))
    mean = sums / (h * w * unit)  # (N, C)
    centerd = (products / (h * w * unit**2) - mean[:, :, None] * mean[:, None, :]) / c
    return {"mean": mean, "covariance": centerd}


def sqrt_moments(features: Tensor, unit: float = 1.0) -> dict[str, Tensor]:
    """Mean and covariance of the square roots of features, which are >= 0 and about a unit on average.

    Squared features are ruled by their rare peaks: a few glaring spots pass for a texture, and a network finds spots
    before it finds strokes. Among square roots (Hellinger's kernel, Arandjelovic & Zisserman 2012) every part of the picture
    counts, and the texture becomes even.
    """
    return covariance(square_root(features, unit))


def square_root(features: Tensor, unit: float) -> Tensor:
    """sqrt(features / unit + ROOT_OFFSET), negative features taken as 0, in their own format."""
    roots: Tensor = _Root.apply(features, unit)
    return roots


STATISTICS: dict[str, Callable[..., dict[str, Tensor]]] = {"gram": gram, "covariance": covariance, "sqrt_moments": sqrt_moments}


def squared_distance(a: Tensor, b: Tensor) -> Tensor:
    """Sum of squared differences per picture: (N, ...), (N or 1, ...) -> (N,)."""
    return (a.float() - b.float()).square().flatten(1).sum(1)


class _Root(torch.autograd.Function):
    """The square root in passes that bfloat16 is fast at, where autograd's own take ten times as long."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, unit: float) -> Tensor:
        root = x.clamp(min=0).mul_(1 / unit).add_(ROOT_OFFSET).sqrt_()
        ctx.save_for_backward(root)
        ctx.unit = unit
        return root

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        (root,) = ctx.saved_tensors
        slope = grad.div(root).mul_(0.5 / ctx.unit)
        return torch.ops.aten.threshold_backward(slope, root, ROOT_OF_ZERO[root.dtype]), None


@torch.library.custom_op("texnet::sums", mutates_args=(), schema="(Tensor x) -> (Tensor, Tensor)")
def _sums_over_positions(x: Tensor) -> tuple[Tensor, Tensor]:
    """x @ x.T and the sum over positions, in float32: (N, C, P) -> (N, C, C), (N, C).

    bfloat16 features are exact in a float32 product whose factors the hardware takes as bfloat16, at several times
    the speed. The gradient is multiplied out in the features' own format, in one pass that keeps channels_last.
    An operator of its own, as torch.compile cannot follow a change of the precision.
    """
    wide = x.float()
    before = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("medium" if x.dtype == torch.bfloat16 else "highest")
        with torch.autocast(x.device.type, enabled=False):
            return wide @ wide.mT, wide.sum(2)
    finally:
        torch.set_float32_matmul_precision(before)


@_sums_over_positions.register_fake
def _shapes_of_sums(x: Tensor) -> tuple[Tensor, Tensor]:
    n, c, _ = x.shape
    return x.new_empty(n, c, c, dtype=torch.float32), x.new_empty(n, c, dtype=torch.float32)


@register_flop_formula(torch.ops.texnet.sums)
def _flops_of_sums(features: tuple[int, int, int], **_: Any) -> int:
    n, c, p = features
    return 2 * n * c * c * p


def _keep_features(ctx: Any, inputs: tuple[Tensor], output: tuple[Tensor, Tensor]) -> None:
    ctx.save_for_backward(*inputs)


def _gradient_of_sums(ctx: Any, grad_products: Tensor, grad_sums: Tensor) -> Tensor:
    (x,) = ctx.saved_tensors
    both_sides = (grad_products + grad_products.mT).to(x.dtype)
    return torch.baddbmm(grad_sums.to(x.dtype)[:, None, :], x.mT, both_sides).mT


_sums_over_positions.register_autograd(_gradient_of_sums, setup_context=_keep_features)
