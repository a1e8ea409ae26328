"""Residual image-transformation network (Johnson et al. 2016) with instance norm and a noise factor."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from texnet.generators.conditioning import NoiseFactorConditioning, blend_share
from texnet.generators.layers import ConvBlock, PaddedConv, ResidualBlock
from texnet.generators.norms import ConditionalInstanceNorm

STRIDE = 4  # the trunk sees the picture at a quarter of its size
MIN_SIZE = 16  # smaller pictures are padded up to this, so that every reflection has something to reflect
BYTES_PER_CHANNEL = 40  # measured: peak memory of a pass over pixels and width
OVERSHOOT = 1.18  # range of the tanh around 0.5: pure white and black are reached, not only approached


class ResidualGenerator(nn.Module):
    """Repaint a photo at a noise factor: (1 - a(f)) photo + a(f) painted, a(0) = 0 and a(f) = 1 from a small f on.

    Deviations from Johnson et al.: instance norm conditioned on the noise factor, nearest up-sampling with
    convolutions, reflection padding in every layer, noise beside the photo, bounded output.
    """

    def __init__(self, width: int, num_blocks: int, noise_channels: int) -> None:
        super().__init__()
        self.noise_channels = noise_channels
        self.bytes_per_pixel = BYTES_PER_CHANNEL * width  # of memory that a float32 pass needs
        self.stem = ConvBlock(3 + noise_channels, width, 9)
        self.down1 = ConvBlock(width, 2 * width, 3, stride=2)
        self.down2 = ConvBlock(2 * width, 4 * width, 3, stride=2)
        self.trunk = nn.ModuleList(ResidualBlock(4 * width) for _ in range(num_blocks))
        self.up1 = ConvBlock(4 * width, 2 * width, 3, upsample=True)
        self.up2 = ConvBlock(2 * width, width, 3, upsample=True)
        self.head = PaddedConv(width, 3, 9, bias=True)
        norms = [module for module in self.modules() if isinstance(module, ConditionalInstanceNorm)]
        self.conditioning = NoiseFactorConditioning([norm.gamma.numel() for norm in norms])

    def forward(self, photo: Tensor, noise_factor: Tensor, noise: Tensor) -> Tensor:
        """Paint (N, 3, H, W) in [0, 1] at factors (N,) with standard normal noise (N, noise_channels, H, W).

        Any H and W; the result has the photo's size and range.
        """
        height, width = photo.shape[2:]
        amount = noise_factor[:, None, None, None]
        x = torch.cat([2 * photo - 1, amount * noise], dim=1)  # (N, 3 + noise_channels, H, W)
        x = _pad(x).contiguous(memory_format=torch.channels_last)
        painted = self._paint(x, self.conditioning(noise_factor))[..., :height, :width]
        share = blend_share(amount)
        return ((1 - share) * photo + share * painted).clamp(0, 1)

    def _paint(self, x: Tensor, modulations: list[Tensor]) -> Tensor:
        modulation = iter(modulations)
        x = self.stem(x, next(modulation))  # (N, width, H, W)
        x = self.down1(x, next(modulation))
        x = self.down2(x, next(modulation))  # (N, 4 * width, H / 4, W / 4)
        for block in self.trunk:
            x = block(x, next(modulation), next(modulation))
        x = self.up1(x, next(modulation))
        x = self.up2(x, next(modulation))  # (N, width, H, W)
        return 0.5 + 0.5 * OVERSHOOT * torch.tanh(self.head(x).float())


def _pad(x: Tensor) -> Tensor:
    height, width = x.shape[2:]
    down = max(MIN_SIZE, -(-height // STRIDE) * STRIDE) - height
    right = max(MIN_SIZE, -(-width // STRIDE) * STRIDE) - width
    mode = "reflect" if down < height and right < width else "replicate"
    return F.pad(x, (0, right, 0, down), mode=mode) if down or right else x
