"""The optimizer and the average of the weights that stylizes."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

AVERAGED_SHARE = 1 / 32  # of the steps so far: the window of the weight average


def build_optimizer(generator: nn.Module, learning_rate: float) -> torch.optim.Optimizer:
    """Adam in one pass over all weights; its second moment forgets in 100 steps, which suits runs of a few thousand."""
    return torch.optim.Adam(generator.parameters(), lr=learning_rate, betas=(0.9, 0.99), fused=True)


@torch.no_grad()
def update_average(average: Iterable[Tensor], weights: Iterable[Tensor], steps: int) -> None:
    """Move the averaged weights towards the current ones after ``steps`` steps.

    Polynomial-decay averaging (Shamir & Zhang 2013): the window grows with training, so that short and long runs
    need no setting, and the first steps are soon forgotten.
    """
    share = min(1.0, (1 / AVERAGED_SHARE + 1) / (steps + 1 / AVERAGED_SHARE))
    torch._foreach_lerp_(list(average), list(weights), share)
