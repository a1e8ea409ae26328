"""Instance norm with a scale and a shift per picture, whose gradient takes a tenth of the time of torch's own.

The passes see channels_last memory as rows of W * C numbers: spread over pixels by a broadcast, a few channels leave most
of a vector register empty.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def instance_norm(x: Tensor, scale: Tensor, shift: Tensor, epsilon: float) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon) * scale + shift, mean and variance over H and W: x (N, C, H, W), the others (N, C).

    In the format and memory order of x; statistics and their gradients are float32.
    """
    normalized: Tensor = _InstanceNorm.apply(x, scale, shift, epsilon)
    return normalized


def scale_and_shift(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """x * scale + shift, x (N, C, H, W), scale and shift (N, C), in the format and memory order of x."""
    return _pixels(torch.addcmul(_row(shift, x), _rows(x), _row(scale, x)), x)


def normalize(x: Tensor, epsilon: float) -> tuple[Tensor, Tensor]:
    """(x - mean) / deviation per picture and channel, in the format and memory order of x, and 1 / deviation, (N, C)."""
    variance, mean = torch.var_mean(x.float(), (2, 3), correction=0, keepdim=True)
    inverse_deviation = (variance + epsilon).rsqrt()
    return (x - mean).mul_(inverse_deviation).to(x.dtype), inverse_deviation[..., 0, 0]


def normalize_on_cpu(x: Tensor, epsilon: float) -> tuple[Tensor, Tensor]:
    """The same in one pass: of torch's norms only group norm, with a group per channel, keeps channels_last.

    Only on the CPU: elsewhere it wants or makes contiguous tensors, and rounds its statistics to the format of x.
    """
    n, c, h, w = x.shape
    normal, _, inverse_deviation = torch.native_group_norm(x, None, None, n, c, h * w, c, epsilon)
    return normal, inverse_deviation.view(n, c)


class _InstanceNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, scale: Tensor, shift: Tensor, epsilon: float) -> Tensor:
        normal, inverse_deviation = normalize_on_cpu(x, epsilon) if x.device.type == "cpu" else normalize(x, epsilon)
        ctx.save_for_backward(normal, scale, inverse_deviation)
        return scale_and_shift(normal, scale, shift)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:  # type: ignore[override]
        normal, scale, inverse_deviation = ctx.saved_tensors
        pixels = grad.shape[2] * grad.shape[3]
        grad_shift = grad.sum((2, 3), dtype=torch.float32)  # (N, C)
        grad_scale = (grad * normal).sum((2, 3), dtype=torch.float32)
        gain = scale * inverse_deviation
        grad_x = torch.addcmul(_row(-gain * grad_shift / pixels, grad), _rows(grad), _row(gain, grad))
        grad_x.addcmul_(_rows(normal), _row(-gain * grad_scale / pixels, grad))
        return _pixels(grad_x, grad), grad_scale, grad_shift, None


def _rows(x: Tensor) -> Tensor:
    n, c, h, w = x.shape
    return x.permute(0, 2, 3, 1).reshape(n, h, w * c)  # (N, C, H, W) -> (N, H, W * C), a view of channels_last


def _row(values: Tensor, like: Tensor) -> Tensor:
    return values.to(like.dtype)[:, None, :].repeat(1, 1, like.shape[3])  # (N, C) -> (N, 1, W * C)


def _pixels(rows: Tensor, like: Tensor) -> Tensor:
    n, c, h, w = like.shape
    return rows.view(n, h, w, c).permute(0, 3, 1, 2)  # (N, H, W * C) -> (N, C, H, W)
