"""Pictures, judged by one loss."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import torch
from torch import Tensor

from texnet.losses import PerceptualLoss
from texnet.monitoring.base import totals
from texnet.strength import strength_weights
from texnet.stylize import Stylizer


def judge(stylizer: Stylizer, loss: PerceptualLoss, photos: Tensor, noise_factor: float, seed: int) -> dict[str, float]:
    """The mean terms of photos, (N, 3, H, W), painted one by one at a noise factor, weighed as there, and their sums."""
    each = torch.split(photos, 1)
    return totals(mean_terms([compare(loss, stylizer(photo, noise_factor, seed), photo, noise_factor) for photo in each]))


def mean_terms(terms: Sequence[dict[str, float]]) -> dict[str, float]:
    """The mean of each term over some pictures."""
    return {name: fmean(each[name] for each in terms) for name in terms[0]}


@torch.no_grad()
def compare(loss: PerceptualLoss, output: Tensor, photo: Tensor, noise_factor: float = 1.0) -> dict[str, float]:
    """The weighted terms of a loss for one picture, (1, 3, H, W), style and content weighed as at a noise factor."""
    device = loss.device
    shares = strength_weights(torch.full((1,), noise_factor, device=device))
    return {name: term.item() for name, term in loss(output.to(device), photo.to(device), *shares).items()}
