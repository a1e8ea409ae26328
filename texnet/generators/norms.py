"""Instance norm (Ulyanov et al. 2017) whose scale and shift can depend on the picture (Dumoulin et al. 2017)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

EPSILON = 1e-5


class ConditionalInstanceNorm(nn.Module):
    """Normalize every channel of every picture, then scale by gamma * (1 + dgamma) and shift by beta + dbeta.

    ``modulation`` is (N, 2 * C): dgamma and dbeta per picture. Statistics are float32 whatever autocast says, and
    each picture's own, unless :func:`fix_statistics` fixed them.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels))
        self.beta = nn.Parameter(torch.zeros(channels))
        self.statistics: tuple[Tensor, Tensor] | None = None  # variance and mean, (C,) each

    def forward(self, x: Tensor, modulation: Tensor) -> Tensor:
        scale, shift = modulation.chunk(2, dim=1)  # (N, C) each
        scale, shift = self.gamma * (1 + scale), self.beta + shift
        if self.statistics is None:
            normalized: Tensor = _InstanceNorm.apply(x, scale, shift)
            return normalized
        variance, mean = self.statistics
        gain = scale * (variance + EPSILON).rsqrt()
        offset = shift - mean * gain
        return _scale_and_shift(x, gain, offset)


def fix_statistics(network: nn.Module, run: Callable[[], object]) -> None:
    """Let every norm of a network use in all later passes what it meets in ``run``, a pass of that network.

    Then what is painted at a place depends on what is near it alone, and a large picture can be painted in parts.
    """
    norms = [module for module in network.modules() if isinstance(module, ConditionalInstanceNorm)]
    hooks = [norm.register_forward_pre_hook(_keep_statistics) for norm in norms]
    try:
        run()
    finally:
        for hook in hooks:
            hook.remove()


def _keep_statistics(norm: ConditionalInstanceNorm, inputs: tuple[Tensor, ...]) -> None:
    norm.statistics = torch.var_mean(inputs[0].float(), (0, 2, 3), correction=0)


class _InstanceNorm(torch.autograd.Function):
    """(x - mean) / deviation * scale + shift per picture and channel, x (N, C, H, W), scale and shift (N, C).

    The passes below take a tenth of the time of torch's own gradient. They see channels_last memory as rows of W * C
    numbers: spread over pixels by a broadcast, a few channels leave most of a vector register empty.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        normal, inverse_deviation = normalize_on_cpu(x) if x.device.type == "cpu" else normalize(x)
        ctx.save_for_backward(normal, scale, inverse_deviation)
        return _scale_and_shift(normal, scale, shift)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor]:  # type: ignore[override]
        normal, scale, inverse_deviation = ctx.saved_tensors
        pixels = grad.shape[2] * grad.shape[3]
        grad_shift = grad.sum((2, 3), dtype=torch.float32)  # (N, C)
        grad_scale = (grad * normal).sum((2, 3), dtype=torch.float32)
        gain = scale * inverse_deviation
        grad_x = torch.addcmul(_row(-gain * grad_shift / pixels, grad), _rows(grad), _row(gain, grad))
        grad_x.addcmul_(_rows(normal), _row(-gain * grad_scale / pixels, grad))
        return _pixels(grad_x, grad), grad_scale, grad_shift


def normalize(x: Tensor) -> tuple[Tensor, Tensor]:
    """(x - mean) / deviation per picture and channel, in the format and memory order of x, and 1 / deviation, (N, C)."""
    variance, mean = torch.var_mean(x.float(), (2, 3), correction=0, keepdim=True)
    inverse_deviation = (variance + EPSILON).rsqrt()
    return (x - mean).mul_(inverse_deviation).to(x.dtype), inverse_deviation[..., 0, 0]


def normalize_on_cpu(x: Tensor) -> tuple[Tensor, Tensor]:
    """The same in one pass: of torch's norms only group norm, with a group per channel, keeps channels_last.

    Only on the CPU: elsewhere it wants or makes contiguous tensors, and rounds its statistics to the format of x.
    """
    n, c, h, w = x.shape
    normal, _, inverse_deviation = torch.native_group_norm(x, None, None, n, c, h * w, c, EPSILON)
    return normal, inverse_deviation.view(n, c)


def _scale_and_shift(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    return _pixels(torch.addcmul(_row(shift, x), _rows(x), _row(scale, x)), x)


def _rows(x: Tensor) -> Tensor:
    n, c, h, w = x.shape
    return x.permute(0, 2, 3, 1).reshape(n, h, w * c)  # (N, C, H, W) -> (N, H, W * C), a view of channels_last


def _row(values: Tensor, like: Tensor) -> Tensor:
    return values.to(like.dtype)[:, None, :].repeat(1, 1, like.shape[3])  # (N, C) -> (N, 1, W * C)


def _pixels(rows: Tensor, like: Tensor) -> Tensor:
    n, c, h, w = like.shape
    return rows.view(n, h, w, c).permute(0, 3, 1, 2)
