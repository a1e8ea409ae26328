"""Residual image-transformation network (Johnson et al. 2016) with conditional instance norm."""

from __future__ import annotations

from torch import Tensor, nn

from texnet.generators.base import Body
from texnet.generators.layers import ConvBlock, LastConv, ResidualBlock


class ResidualBody(Body):
    """Two halvings, residual blocks at a quarter of the size, two doublings; 9x9 at both ends.

    What the first layer sees also joins the last one, past the halvings, which lose the finest details: eyes, hair, leaves.

    Deviations from Johnson et al. 2016: that, conditional instance norm for batch norm, nearest up-sampling and convolutions
    for transposed ones, a blur before each stride, reflection padding in every layer, noise beside the photo.
    """

    bytes_per_channel = 40

    def __init__(self, photo_channels: int, noise_channels: int, width: int, num_blocks: int) -> None:
        super().__init__(stride=4, receptive_radius=18 + 2 * num_blocks * 4)
        self.stem = ConvBlock(photo_channels + noise_channels, width, 9)
        self.down1 = ConvBlock(width, 2 * width, 3, stride=2)
        self.down2 = ConvBlock(2 * width, 4 * width, 3, stride=2)
        self.trunk = nn.ModuleList(ResidualBlock(4 * width) for _ in range(num_blocks))
        self.up1 = ConvBlock(4 * width, 2 * width, 3, upsample=True)
        self.up2 = ConvBlock(2 * width, width, 3, upsample=True)
        self.head = LastConv(width, 9)
        self.detail = LastConv(width, 3, bias=False)
        nn.init.zeros_(self.detail.conv.weight)

    def forward(self, x: Tensor, modulations: list[Tensor]) -> Tensor:
        modulation = iter(modulations)
        x = fine = self.stem(x, next(modulation))  # (N, width, H, W)
        x = self.down1(x, next(modulation))  # (N, 2 * width, H / 2, W / 2)
        x = self.down2(x, next(modulation))  # (N, 4 * width, H / 4, W / 4)
        for block in self.trunk:
            x = block(x, next(modulation), next(modulation))
        x = self.up1(x, next(modulation))  # (N, 2 * width, H / 2, W / 2)
        x = self.up2(x, next(modulation))  # (N, width, H, W)
        return self.head(x) + self.detail(fine)  # (N, 3, H, W)
