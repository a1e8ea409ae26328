"""A generator for speed: the residual network with narrow ends, so that nearly all work is at a quarter of the size."""

from __future__ import annotations

from torch import Tensor, nn

from texnet.generators.base import Body
from texnet.generators.layers import ConvBlock, LastConv, ResidualBlock

HALF_CHANNELS = 16  # at half the size
FULL_CHANNELS = 8  # at full size, on the way out


class LightBody(Body):
    """Two halvings, residual blocks of twice the width at a quarter of the size, two doublings to ever fewer channels.

    The residual network (Johnson et al. 2016) spends most of a pass on full-size layers and on their memory. Here the first
    layer halves the picture at once, and few channels are as large as it. A convolution of the picture itself joins the last
    layer and brings the finest details past the halvings: eyes, hair, leaves.
    """

    bytes_per_channel = 9

    def __init__(self, photo_channels: int, noise_channels: int, width: int, num_blocks: int) -> None:
        super().__init__(stride=4, receptive_radius=12 + 2 * num_blocks * 4)
        self.down1 = ConvBlock(photo_channels + noise_channels, HALF_CHANNELS, 5, stride=2)
        self.down2 = ConvBlock(HALF_CHANNELS, 2 * width, 3, stride=2)
        self.trunk = nn.ModuleList(ResidualBlock(2 * width) for _ in range(num_blocks))
        self.up1 = ConvBlock(2 * width, HALF_CHANNELS, 3, upsample=True)
        self.up2 = ConvBlock(HALF_CHANNELS, FULL_CHANNELS, 3, upsample=True)
        self.head = LastConv(FULL_CHANNELS, 3)
        self.detail = LastConv(photo_channels + noise_channels, 5, bias=False)
        nn.init.zeros_(self.detail.conv.weight)

    def forward(self, x: Tensor, modulations: list[Tensor]) -> Tensor:
        modulation, photo = iter(modulations), x
        x = self.down1(x, next(modulation))  # (N, HALF_CHANNELS, H / 2, W / 2)
        x = self.down2(x, next(modulation))  # (N, 2 * width, H / 4, W / 4)
        for block in self.trunk:
            x = block(x, next(modulation), next(modulation))
        x = self.up1(x, next(modulation))  # (N, HALF_CHANNELS, H / 2, W / 2)
        x = self.up2(x, next(modulation))  # (N, FULL_CHANNELS, H, W)
        return self.head(x) + self.detail(photo)  # (N, 3, H, W)
