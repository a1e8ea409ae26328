"""A replicated border of one pixel, in channels_last both ways.

The gradient of torch's own padding gives another memory format than torch.compile expects of it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F


def replicate_pad(x: Tensor) -> Tensor:
    """F.pad(x, (1, 1, 1, 1), mode="replicate"): (N, C, H, W) -> (N, C, H + 2, W + 2)."""
    padded: Tensor = _ReplicatePad.apply(x)
    return padded


class _ReplicatePad(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return F.pad(x, (1, 1, 1, 1), mode="replicate").contiguous(memory_format=torch.channels_last)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:  # type: ignore[override]
        grad_x = grad[..., 1:-1, 1:-1].clone(memory_format=torch.channels_last)
        for end in (0, -1):
            row = grad[..., end, 1:-1].clone()  # (N, C, W)
            row[..., 0] += grad[..., end, 0]
            row[..., -1] += grad[..., end, -1]
            grad_x[..., end, :] += row
            grad_x[..., end] += grad[..., 1:-1, end]
        return grad_x
