"""Building blocks that the generators share: reflection-padded convolutions with conditional instance norm."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from texnet.generators.conditioning import ConditionalInstanceNorm


class PaddedConv(nn.Module):
    """Convolution over a reflected border, which leaves no frame: (N, C, H, W) -> (N, C', H / stride, W / stride).

    With ``padding_mode`` "circular" the border is that of the opposite side: what tiles stays so. Before a norm, which takes it
    out again, a bias is left out.
    """

    def __init__(self, channels_in: int, channels_out: int, kernel: int, stride: int = 1, *, bias: bool = False) -> None:
        super().__init__()
        self.padding = (kernel // 2,) * 4
        self.padding_mode = "reflect"
        self.conv = nn.Conv2d(channels_in, channels_out, kernel, stride, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(self.pad(x))

    def pad(self, x: Tensor) -> Tensor:
        """The picture with its border: (N, C, H, W) -> (N, C, H + kernel - 1, W + kernel - 1)."""
        if not self.padding[0]:
            return x
        with torch.autocast(x.device.type, enabled=False):  # which would pad in float32
            return F.pad(x, self.padding, mode=self.padding_mode).contiguous(memory_format=torch.channels_last)


class LastConv(PaddedConv):
    """The convolution that ends in RGB, with a bias, for 2x2 pixels at a time: (N, C, H, W) -> (N, 3, H, W), H and W even.

    Processors multiply by 16 output channels and more at once, most of which stay empty with three. The same kernel moved to
    each of the four pixels makes twelve channels at half the resolution: the same sums in half or a third of the time.
    """

    def __init__(self, channels_in: int, kernel: int) -> None:
        super().__init__(channels_in, 3, kernel, bias=True)

    def forward(self, x: Tensor) -> Tensor:
        return F.pixel_shuffle(F.conv2d(self.pad(x), *self.for_four_pixels(), stride=2), 2)

    def for_four_pixels(self) -> tuple[Tensor, Tensor]:
        """The kernel, (3 * 4, C, kernel + 1, kernel + 1), and bias, (3 * 4,), of 2x2 pixels."""
        assert self.conv.bias is not None
        moved = [F.pad(self.conv.weight, (right, 1 - right, down, 1 - down)) for down in (0, 1) for right in (0, 1)]
        return torch.stack(moved, dim=1).flatten(0, 1), self.conv.bias.repeat_interleave(4)


class ConvBlock(nn.Module):
    """Convolution, conditional instance norm, ReLU; with ``upsample`` the picture is doubled first.

    Nearest-neighbor doubling and a convolution instead of a transposed convolution: no checkerboard.
    """

    def __init__(self, channels_in: int, channels_out: int, kernel: int, stride: int = 1, *, upsample: bool = False) -> None:
        super().__init__()
        self.upsample = upsample
        self.conv = PaddedConv(channels_in, channels_out, kernel, stride)
        self.norm = ConditionalInstanceNorm(channels_out)

    def forward(self, x: Tensor, modulation: Tensor) -> Tensor:
        if self.upsample:
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        return F.relu(self.norm(self.conv(x), modulation))


class ResidualBlock(nn.Module):
    """x + norm(conv(relu(norm(conv(x))))), same shape (He et al. 2016; no ReLU after the sum, Gross & Wilber 2016)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = ConvBlock(channels, channels, 3)
        self.conv = PaddedConv(channels, channels, 3)
        self.norm = ConditionalInstanceNorm(channels)

    def forward(self, x: Tensor, first_modulation: Tensor, second_modulation: Tensor) -> Tensor:
        return x + self.norm(self.conv(self.first(x, first_modulation)), second_modulation)
