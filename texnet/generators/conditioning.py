"""The noise factor inside a generator: one number per picture conditions every norm (FiLM, Perez et al. 2018)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

BASIS = 4


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
