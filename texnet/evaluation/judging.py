"""One picture, judged by one loss."""

from __future__ import annotations

import torch
from torch import Tensor

from texnet.losses import PerceptualLoss, loss_shares


@torch.no_grad()
def compare(loss: PerceptualLoss, output: Tensor, photo: Tensor, noise_factor: float = 1.0) -> dict[str, float]:
    """The weighted terms of a loss for one picture, (1, 3, H, W), style and content weighed as at a noise factor."""
    device = next(loss.features.parameters()).device
    shares = loss_shares(torch.full((1,), noise_factor, device=device))
    return {name: term.item() for name, term in loss(output.to(device), photo.to(device), *shares).items()}
