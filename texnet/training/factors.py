"""Which noise factors are trained: every strength, the full style most."""

from __future__ import annotations

import torch
from torch import Tensor

# (share of the pictures, lowest factor, highest factor); a highest of infinity stands for the largest served
SHARES = ((0.05, 0.0, 0.1), (0.50, 0.0, 1.0), (0.30, 1.0, 1.0), (0.15, 1.0, float("inf")))
BELOW_ONE = 1 - 2**-24


def draw_noise_factors(count: int, max_noise_factor: float, generator: torch.Generator) -> Tensor:
    """Noise factors of a batch, (count,), stratified: every batch holds weak and strong ones, in random order."""
    strata = (torch.randperm(count, generator=generator) + torch.rand(count, generator=generator)) / count
    strata.clamp_(max=BELOW_ONE)  # float32 may round the last one up to 1, which lies in no share
    factors = torch.empty(count)
    begin = 0.0
    for share, low, high in SHARES:
        inside = (strata >= begin) & (strata < begin + share)
        place = (strata - begin) / share
        factors[inside] = (low + (min(high, max_noise_factor) - low) * place)[inside]
        begin += share
    return factors
