"""How the noise factor conditions a generator: a small network turns it into scale and shift of every instance norm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from texnet.ops import instance_norm, normalize_by

BASIS = 4


class StyleReading(NamedTuple):
    """What a generator adds for the style pictures of a batch, see :mod:`texnet.generators.style_reader`.

    ``norms``: dgamma and dbeta, (N, 2 * C) for each norm; ``colors``: (N, 12), added to the color transform's last layer.
    """

    norms: tuple[Tensor, ...]
    colors: Tensor

    def added_to(self, modulations: Sequence[Tensor]) -> list[Tensor]:
        """Modulations, (N, 2 * C) each, of the noise factor and of the style together: scales multiply, shifts add up."""
        both = []
        for modulation, style in zip(modulations, self.norms, strict=True):
            (scale, shift), (style_scale, style_shift) = modulation.chunk(2, dim=1), style.chunk(2, dim=1)
            both.append(torch.cat([(1 + scale) * (1 + style_scale) - 1, shift + style_shift], dim=1))
        return both


class Unconditional(nn.Module):
    """Change no norm, whatever the noise factor: as :class:`NoiseFactorConditioning`, for what has one strength alone."""

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        self.sizes = [2 * c for c in channels]

    def forward(self, noise_factor: Tensor) -> list[Tensor]:
        return [noise_factor.new_zeros(len(noise_factor), size) for size in self.sizes]


class NoiseFactorConditioning(nn.Module):
    """Turn noise factors, (N,), into a scale and a shift for each norm: a list of (N, 2 * C), C per norm.

    The last layer starts at zero: before training, the noise factor changes no norm.
    """

    def __init__(self, channels: Sequence[int], hidden: int = 64) -> None:
        super().__init__()
        self.sizes = [2 * c for c in channels]
        self.mlp = nn.Sequential(nn.Linear(BASIS, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.last = nn.Linear(hidden, sum(self.sizes))
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, noise_factor: Tensor) -> list[Tensor]:
        with torch.autocast(noise_factor.device.type, enabled=False):  # a rounded factor would be a step in the strength
            return list(self.last(self.mlp(factor_basis(noise_factor))).split(self.sizes, dim=1))


def factor_basis(noise_factor: Tensor) -> Tensor:
    """Functions of noise factors, (N,), that a small network makes others of: (N, BASIS), float32."""
    f = noise_factor[:, None].float()
    return torch.cat([f, f.square(), f.clamp(min=0).sqrt(), torch.log1p(9 * f)], dim=1)  # (N, BASIS)


EPSILON = 1e-5


class ConditionalInstanceNorm(nn.Module):
    """Normalize every channel of every picture, then scale by gamma * (1 + dgamma) and shift by beta + dbeta.

    ``modulation`` is (N, 2 * C): dgamma and dbeta per picture. Statistics are float32 whatever autocast says, and
    each picture's own, unless :func:`fix_statistics` fixed them. ``block`` is the side of the blocks from which they are merged
    in a pass without gradients, 0 for none, see :func:`texnet.ops.instance_norm`.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels))
        self.beta = nn.Parameter(torch.zeros(channels))
        self.statistics: tuple[Tensor, Tensor] | None = None  # variance and mean, (C,) each
        self.block = 0

    def forward(self, x: Tensor, modulation: Tensor) -> Tensor:
        scale, shift = modulation.chunk(2, dim=1)  # (N, C) each
        scale, shift = self.gamma * (1 + scale), self.beta + shift
        if self.statistics is None:
            return instance_norm(x, scale, shift, EPSILON, self.block)
        return normalize_by(x, *self.statistics, scale, shift, EPSILON)


def fix_statistics(network: nn.Module, run: Callable[[], object]) -> None:
    """Let every norm of a network use in all later passes what it meets in ``run``, a pass of that network.

    Then each pixel of the output depends on its neighborhood alone, and a large picture can be generated in tiles.
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
