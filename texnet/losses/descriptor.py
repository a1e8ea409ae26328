"""A style picture in a few hundred numbers: what a network that reads styles gets of it."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from texnet.losses.features import HUES, Features
from texnet.losses.weights import load_vgg_weights
from texnet.ops import square_root

LAYERS = (HUES, "relu1_2", "relu2_2", "relu3_2", "relu4_1")  # of the compact network, which comes with texnet
DESCRIPTOR_SIZE = 2 * (8 + 32 + 64 + 128 + 160)


def describe_style(features: Mapping[str, Tensor]) -> Tensor:
    """Means and deviations of square roots of the compact network's LAYERS: features (N, C, H, W) each -> (N, 784), float32."""
    roots = [square_root(features[layer]).float() for layer in LAYERS]
    return torch.cat([part for root in roots for part in (root.mean((2, 3)), root.std((2, 3)))], dim=1)


class Describer:
    """Describes style pictures (1, 3, H, W) in [0, 1] on a device: descriptors (1, 784)."""

    def __init__(self, device: torch.device | str = "cpu") -> None:
        compact = Features("compact", LAYERS)
        compact.load_vgg(*load_vgg_weights("compact"))
        self.compact = compact.to(device)

    @torch.no_grad()
    def __call__(self, style: Tensor) -> Tensor:
        return describe_style(self.compact(style))
