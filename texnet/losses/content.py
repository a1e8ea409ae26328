"""Content distance: the photo's feature map, position by position (Gatys et al. 2016)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def content_distance(output: Tensor, content: Tensor) -> Tensor:
    """Mean squared difference of two feature maps per picture, float32: (N, C, H, W) twice -> (N,)."""
    distance: Tensor = _MeanSquare.apply(output - content)
    return distance


class _MeanSquare(torch.autograd.Function):
    """Mean of squares per picture, summed in float32 without a float32 copy of bfloat16 features and of their gradient."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return torch.linalg.vector_norm(x, dim=(1, 2, 3), dtype=torch.float32).square() / x[0].numel()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:  # type: ignore[override]
        (x,) = ctx.saved_tensors
        return x * (grad * (2 / x[0].numel())).to(x.dtype)[:, None, None, None]
