"""An extractor that nothing was trained on: one layer of random filters at several scales (Ustyuzhaninov et al. 2017).

Its Gram matrices alone carry a texture well enough to synthesize it, so they show whether a network has learned the
style or only what VGG sees of it.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from texnet.rng import make_generator

SCALES = ("scale1", "scale2", "scale4", "scale8")  # the picture reduced by so much
FILTERS, KERNEL = 64, 7


class RandomFilters(nn.Module):
    """ReLU of fixed random convolutions of the picture at each scale: RGB (N, 3, H, W) in [0, 1] -> (N, 64, H', W').

    H and W at least 8; the border is replicated.
    """

    weight: Tensor

    def __init__(self) -> None:
        super().__init__()
        weight = torch.randn(FILTERS, 3, KERNEL, KERNEL, generator=make_generator(0, "random filters"))
        weight = weight / weight.flatten(1).norm(dim=1)[:, None, None, None]
        self.weight = nn.Parameter(weight, requires_grad=False)

    def forward(self, image: Tensor, taps: Iterable[str] = SCALES) -> dict[str, Tensor]:
        """Responses at the named scales."""
        found: dict[str, Tensor] = {}
        for name in taps:
            small = F.avg_pool2d(image, int(name.removeprefix("scale")))
            padded = F.pad(2 * small - 1, (KERNEL // 2,) * 4, mode="replicate")
            found[name] = F.relu(F.conv2d(padded, self.weight))
        return found
