"""The colors of the photo that shines through, brought nearer to the style's as the noise factor rises."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from texnet.generators.conditioning import BASIS, factor_basis
from texnet.noise_factor import blend_alpha

RATE = 5.0  # of what the network gives: Adam moves every weight alike, and some hundred steps must do


class ColorTransform(nn.Module):
    """Recolor photos (N, 3, H, W) in [0, 1] at noise factors (N,), of any range: whoever blends them clamps the sum.

    While the photo has most of the share, no painting within range can bring its colors to the style's. An affine map of
    colors, another for each factor, can, and leaves the photo as sharp as it is. At factor 0, and before training, it changes
    nothing; from full style on it does not count, as no photo is left there. The change grows with the root of the painting's
    share: a network for factor 0.25 alone learns about 0.6 of what one for 0.5 learns, and the share is 0.3 of that there.
    """

    def __init__(self, hidden: int = 64) -> None:
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(BASIS, hidden), nn.ReLU())
        self.last = nn.Linear(hidden, 3 * (3 + 1))
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, photo: Tensor, noise_factor: Tensor, style: Tensor | float = 0.0) -> Tensor:
        """The recolored photos, (N, 3, H, W); ``style``, (N, 12), is added to the last layer's output."""
        with torch.autocast(photo.device.type, enabled=False):  # which would round colors
            amount = RATE * blend_alpha(noise_factor).sqrt()[:, None, None]
            found = self.last(self.mlp(factor_basis(noise_factor))) + style  # (N, 12)
            change = amount * found.view(-1, 3, 4)  # of R, G, B: by R, G, B, constant
            offset = change[..., 3:] - change[..., :3].sum(2, keepdim=True) / 2  # a gray of 1/2 is moved by the constant alone
            pixels = photo.float().flatten(2)  # (N, 3, H * W)
            return torch.baddbmm(pixels + offset, change[..., :3], pixels).view(photo.shape)
