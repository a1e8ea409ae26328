"""Products of channels summed over positions: what Gram matrices and covariances are made of.

bfloat16 features are exact in a float32 product whose factors the hardware takes as bfloat16, at several times the speed.
The gradient is multiplied out in the features' own format, in one pass that keeps channels_last. It is an operator of its
own, as torch.compile cannot follow a change of the precision.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import register_flop_formula


@torch.library.custom_op("texnet::channel_products", mutates_args=(), schema="(Tensor x) -> (Tensor, Tensor)")
def channel_products(x: Tensor) -> tuple[Tensor, Tensor]:
    """x @ x.mT and x.sum(2): (N, C, P) -> (N, C, C), (N, C), float32 whatever autocast and the process's precision say."""
    wide = x.float()
    before = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("medium" if x.dtype == torch.bfloat16 else "highest")
        with torch.autocast(x.device.type, enabled=False):
            return wide @ wide.mT, wide.sum(2)
    finally:
        torch.set_float32_matmul_precision(before)


@channel_products.register_fake
def _shapes(x: Tensor) -> tuple[Tensor, Tensor]:
    n, c, _ = x.shape
    return x.new_empty(n, c, c, dtype=torch.float32), x.new_empty(n, c, dtype=torch.float32)


@register_flop_formula(torch.ops.texnet.channel_products)
def _flops(features: tuple[int, int, int], **_: Any) -> int:
    n, c, p = features
    return 2 * n * c * c * p


def _keep_features(ctx: Any, inputs: tuple[Tensor], output: tuple[Tensor, Tensor]) -> None:
    ctx.save_for_backward(*inputs)


def _gradient(ctx: Any, grad_products: Tensor, grad_sums: Tensor) -> Tensor:
    (x,) = ctx.saved_tensors
    both_sides = (grad_products + grad_products.mT).to(x.dtype)
    return torch.baddbmm(grad_sums.to(x.dtype)[:, None, :], x.mT, both_sides).mT


channel_products.register_autograd(_gradient, setup_context=_keep_features)
