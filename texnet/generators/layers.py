"""Building blocks that the generators share: reflection-padded convolutions with conditional instance norm."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from texnet.generators.conditioning import ConditionalInstanceNorm
from texnet.ops import interleave, replicate_pad
from texnet.ops.replicate_pad import Margins

BINOMIAL = (0.25, 0.5, 0.25)  # the blur along each axis


class PaddedConv(nn.Module):
    """Convolution over a reflected border, which leaves no frame: (N, C, H, W) -> (N, C', H / stride, W / stride).

    With ``padding_mode`` "circular" the border is that of the opposite side: what tiles stays so. "wrapped": it is so left and
    right alone, as in a panorama. Before a norm, which takes it out again, a bias is left out.

    ``blur`` smooths the picture first, so that a step to another resolution does not depend on where its grid lies (Zhang
    2019). The blur becomes part of the kernel, which grows by two.
    """

    def __init__(
        self, channels_in: int, channels_out: int, kernel: int, stride: int = 1, *, bias: bool = False, blur: bool = False
    ) -> None:
        super().__init__()
        self.blur = blur
        self.padding = (kernel // 2 + blur,) * 4
        self.padding_mode = "reflect"
        self.conv = nn.Conv2d(channels_in, channels_out, kernel, stride, bias=bias)

    @property
    def kernel(self) -> Tensor:
        """What the picture is multiplied by, (C', C, K, K): the weights, the blur in them."""
        return blurred(self.conv.weight) if self.blur else self.conv.weight

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(self.pad(x), self.kernel, self.conv.bias, self.conv.stride)

    def pad(self, x: Tensor) -> Tensor:
        """The picture with the border that the kernel needs, on each side ``padding``: (N, C, H, W) -> (N, C, H', W')."""
        if not self.padding[0]:
            return x
        return self._surround(x, self.padding, partial(F.pad, mode="reflect"))

    def _surround(self, x: Tensor, margins: Margins, pad_edge: Callable[[Tensor, Margins], Tensor]) -> Tensor:
        """The picture with a border, by ``padding_mode``; ``pad_edge`` makes it where it is not that of the opposite side."""
        with torch.autocast(x.device.type, enabled=False):  # which would pad in float32
            left, right, top, bottom = margins
            if self.padding_mode == "wrapped":
                x, left, right = F.pad(x, (left, right, 0, 0), mode="circular"), 0, 0
            pad = partial(F.pad, mode="circular") if self.padding_mode == "circular" else pad_edge
            return pad(x, (left, right, top, bottom)).contiguous(memory_format=torch.channels_last)


def blurred(kernel: Tensor) -> Tensor:
    """Kernels (C', C, K, K) that do what these do to a picture smoothed by 1 2 1: (C', C, K + 2, K + 2)."""
    binomial = kernel.new_tensor(BINOMIAL)
    smooth = torch.outer(binomial, binomial)[None, None]  # (1, 1, 3, 3), sum 1
    full = F.conv2d(F.pad(kernel, (2, 2, 2, 2)).flatten(0, 1)[:, None], smooth)  # (C' * C, 1, K + 2, K + 2)
    return full.view(*kernel.shape[:2], *full.shape[2:])


class DoublingConv(PaddedConv):
    """A 3x3 convolution of a picture doubled by its nearest neighbors: (N, C, H, W) -> (N, C', 2 * H, 2 * W).

    The doubled picture is not made. In it three neighbors are two pixels of the picture, one of them twice, whose weights add
    up: two convolutions of 2x3 pixels, one for the upper and one for the lower of each two rows, and each for two pixels beside
    each other. That is two thirds of the multiplications, without the memory. A reflected border of the doubled picture is the
    picture's own edge.
    """

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__(channels_in, channels_out, 3)

    def forward(self, x: Tensor) -> Tensor:
        upper, lower = self.for_two_rows()
        above = self._surround(x, (1, 1, 1, 0), replicate_pad)
        below = self._surround(x, (1, 1, 0, 1), replicate_pad)
        return interleave(F.conv2d(above, upper), F.conv2d(below, lower))

    def for_two_rows(self) -> tuple[Tensor, Tensor]:
        """The kernels of the upper and the lower row, (2 * C', C, 2, 3) each: left pixels, then right ones."""
        first, middle, last = self.conv.weight.unbind(3)  # (C', C, 3) each
        none = torch.zeros_like(first)
        left, right = (first, middle + last, none), (none, first + middle, last)
        both = torch.cat([torch.stack(left, 3), torch.stack(right, 3)])  # (2 * C', C, 3, 3)
        first, middle, last = both.unbind(2)
        return torch.stack([first, middle + last], 2), torch.stack([first + middle, last], 2)


class LastConv(PaddedConv):
    """A convolution that ends in RGB, for 2x2 pixels at a time: (N, C, H, W) -> (N, 3, H, W), H and W even.

    Processors multiply by 16 output channels and more at once, most of which stay empty with three. The same kernel moved to
    each of the four pixels makes twelve channels at half the resolution: the same sums in half or a third of the time.
    """

    def __init__(self, channels_in: int, kernel: int, *, bias: bool = True) -> None:
        super().__init__(channels_in, 3, kernel, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return F.pixel_shuffle(F.conv2d(self.pad(x), *self.for_four_pixels(), stride=2), 2)

    def for_four_pixels(self) -> tuple[Tensor, Tensor | None]:
        """The kernel, (3 * 4, C, kernel + 1, kernel + 1), and bias, (3 * 4,), of 2x2 pixels."""
        moved = [F.pad(self.conv.weight, (right, 1 - right, down, 1 - down)) for down in (0, 1) for right in (0, 1)]
        bias = None if self.conv.bias is None else self.conv.bias.repeat_interleave(4)
        return torch.stack(moved, dim=1).flatten(0, 1), bias


class ConvBlock(nn.Module):
    """Convolution, conditional instance norm, ReLU; with ``upsample`` the picture is doubled first.

    Nearest-neighbor doubling and a convolution instead of a transposed convolution: no checkerboard. A stride
    is taken of a blurred picture. What is doubled has a kernel of 3.
    """

    def __init__(self, channels_in: int, channels_out: int, kernel: int, stride: int = 1, *, upsample: bool = False) -> None:
        super().__init__()
        doubling = DoublingConv(channels_in, channels_out) if upsample else None
        self.conv = doubling or PaddedConv(channels_in, channels_out, kernel, stride, blur=stride > 1)
        self.norm = ConditionalInstanceNorm(channels_out)

    def forward(self, x: Tensor, modulation: Tensor) -> Tensor:
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
