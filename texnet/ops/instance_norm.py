"""Instance norm with a scale and a shift per picture, whose gradient takes a tenth of the time of torch's own.

The passes see channels_last memory as rows of W * C numbers: spread over pixels by a broadcast, a few channels leave most
of a vector register empty.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.overrides import handle_torch_function, has_torch_function_unary

CHUNK = 2**20  # values at a time: smaller parts cost more to begin than the cache saves, larger ones memory


def instance_norm(x: Tensor, scale: Tensor, shift: Tensor, epsilon: float, block: int = 0) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon) * scale + shift, mean and variance over H and W: x (N, C, H, W), the others (N, C).

    In the format and memory order of x; statistics and their gradients are float32. With a ``block``, and without gradients,
    statistics are merged from those of blocks of that side, see :func:`block_sums`: a picture in tiles has the same.
    """
    if has_torch_function_unary(x):
        return handle_torch_function(instance_norm, (x,), x, scale, shift, epsilon, block)
    if block and not torch.is_grad_enabled():
        merged = [merge_sums(block_sums(picture, block), x.shape[2] * x.shape[3]) for picture in torch.split(x, 1)]
        variance, mean = (torch.stack(values) for values in zip(*merged, strict=True))
        return normalize_by(x, variance, mean, scale, shift, epsilon)
    normalized: Tensor = _InstanceNorm.apply(x, scale, shift, epsilon)
    return normalized


def scale_and_shift(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """x * scale + shift, x (N, C, H, W), scale and shift (N, C), in the format and memory order of x."""
    if has_torch_function_unary(x):
        return handle_torch_function(scale_and_shift, (x,), x, scale, shift)
    return _pixels(torch.addcmul(_row(shift, x), _rows(x), _row(scale, x)), x)


def normalize_by(x: Tensor, variance: Tensor, mean: Tensor, scale: Tensor, shift: Tensor, epsilon: float) -> Tensor:
    """The same by statistics that are known, (C,) or (N, C)."""
    gain = scale * (variance + epsilon).rsqrt()
    return scale_and_shift(x, gain, shift - mean * gain)


def block_sums(x: Tensor, block: int) -> Tensor:
    """Sums and sums of squares over blocks of a side: (1, C, H, W) -> (H / block, W / block, 2, C), float64, rounded up.

    Rows of a block are summed in float32 around their mean, and are merged in float64. A block's sums depend on its own values
    alone, to the last bit, wherever it lies in x.
    """
    height, width = x.shape[2:]
    tops, lefts = range(0, height, block), range(0, width, block)
    rows = x.permute(0, 2, 3, 1)[0]  # (H, W, C)
    sums = [_sums(rows[top : top + block, left : left + block]) for top in tops for left in lefts]
    return torch.stack(sums).view(len(tops), len(lefts), 2, x.shape[1])


def merge_sums(sums: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Variance and mean, float32 (C,), from the sums of all blocks, (R, S, 2, C), of a picture of ``count`` pixels.

    The squares' sum holds what blocks scatter around each other, too: a mean of their variances would not.
    """
    mean, square = (sums.flatten(0, 1).sum(0) / count).unbind()  # float64 (C,) each
    return (square - mean.square()).clamp(min=0).float(), mean.float()


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


def _sums(block: Tensor) -> Tensor:
    """Sums and sums of squares of (h, w, C): float64 (2, C)."""
    width, channels = block.shape[1:]
    parts = []
    for part in torch.split(block, max(1, CHUNK // (width * channels))):
        total = part.sum(1, dtype=torch.float32)  # (rows, C)
        mean = total / width
        scatter = (part - mean[:, None]).square_().sum(1)
        total, mean, scatter = total.double(), mean.double(), scatter.double()
        parts.append(torch.stack([total, scatter + mean * (2 * total - width * mean)]).sum(1))  # exact for a rounded mean
    return torch.stack(parts).sum(0)


def _rows(x: Tensor) -> Tensor:
    n, c, h, w = x.shape
    return x.permute(0, 2, 3, 1).reshape(n, h, w * c)  # (N, C, H, W) -> (N, H, W * C), a view of channels_last


def _row(values: Tensor, like: Tensor) -> Tensor:
    return values.to(like.dtype)[:, None, :].repeat(1, 1, like.shape[3])  # (N, C) -> (N, 1, W * C)


def _pixels(rows: Tensor, like: Tensor) -> Tensor:
    n, c, h, w = like.shape
    return rows.view(n, h, w, c).permute(0, 3, 1, 2)  # (N, H, W * C) -> (N, C, H, W)
