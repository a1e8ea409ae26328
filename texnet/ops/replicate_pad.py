"""A replicated border of one pixel or none, in channels_last both ways.

The gradient of torch's own padding gives another memory format than torch.compile expects of it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import handle_torch_function, has_torch_function_unary

Margins = tuple[int, int, int, int]  # pixels: left, right, top, bottom


def replicate_pad(x: Tensor, margins: Margins = (1, 1, 1, 1)) -> Tensor:
    """F.pad(x, margins, mode="replicate"): (N, C, H, W) -> (N, C, H + top + bottom, W + left + right).

    Every margin is 0 or 1.
    """
    if has_torch_function_unary(x):
        return handle_torch_function(replicate_pad, (x,), x, margins)
    padded: Tensor = _ReplicatePad.apply(x, margins)
    return padded


class _ReplicatePad(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, margins: Margins) -> Tensor:
        ctx.margins = margins
        return F.pad(x, margins, mode="replicate").contiguous(memory_format=torch.channels_last)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        left, right, top, bottom = ctx.margins
        rows, columns = slice(top, grad.shape[2] - bottom), slice(left, grad.shape[3] - right)
        grad_x = grad[..., rows, columns].clone(memory_format=torch.channels_last)
        for end, is_padded in ((0, top), (-1, bottom)):
            if is_padded:
                row = grad[..., end, columns].clone()  # (N, C, W)
                if left:
                    row[..., 0] += grad[..., end, 0]
                if right:
                    row[..., -1] += grad[..., end, -1]
                grad_x[..., end, :] += row
        for end, is_padded in ((0, left), (-1, right)):
            if is_padded:
                grad_x[..., end] += grad[..., rows, end]
        return grad_x, None
