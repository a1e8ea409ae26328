"""Seeded noise that joins the photo: the same seed gives the same picture."""

from __future__ import annotations

import torch
from torch import Tensor


def draw_noise(seed: int, shape: tuple[int, ...], device: torch.device | str = "cpu") -> Tensor:
    """Standard normal noise of the given shape, (N, C, H, W), drawn on the CPU so that every device gets the same."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(device)
