"""Instance norm (Ulyanov et al. 2017) whose scale and shift can depend on the picture (Dumoulin et al. 2017)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from texnet.ops import instance_norm, scale_and_shift

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
            return instance_norm(x, scale, shift, EPSILON)
        variance, mean = self.statistics
        gain = scale * (variance + EPSILON).rsqrt()
        offset = shift - mean * gain
        return scale_and_shift(x, gain, offset)


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
