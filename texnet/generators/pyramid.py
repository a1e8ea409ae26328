"""Multi-scale generator (Ulyanov et al. 2016): noise at every scale joins the pooled photo, from coarse to fine."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from texnet.generators.base import Body
from texnet.generators.conditioning import ConditionalInstanceNorm
from texnet.generators.layers import ConvBlock, PaddedConv

COARSE_HALO = 4  # pixels of the coarsest scale around those that are wanted: two for its own 3x3s, two for finer scales
HALO = 6  # of every other: two for finer scales, two each for the 3x3s of its input and of the join
WIDTH_PER_CHANNEL = 3  # of a scale: the default width of 24 gives the 8 of the original


class PyramidBody(Body):
    """``num_blocks`` joins of as many scales plus one; every scale adds a third of the width to the channels.

    As in Ulyanov et al. 2016: scales that halve, 8 channels per scale at the default width, blocks of 3x3, 3x3 and 1x1, norms
    before every join, nearest up-sampling. Deviations: conditional instance norm for batch norm (Ulyanov et al. 2017), ReLU for
    leaky ReLU, normal for uniform noise, the tanh that all generators share; around a photo the border is reflected.

    With ``trims`` on it takes a tile with ``receptive_radius`` pixels around and gives it with HALO pixels around, which do not
    count: no scale computes more than it needs, which makes small tiles cheap.
    """

    bytes_per_channel = 70

    def __init__(self, photo_channels: int, noise_channels: int, width: int, num_blocks: int) -> None:
        super().__init__(stride=2**num_blocks, receptive_radius=COARSE_HALO * 2**num_blocks)
        self.photo_channels = photo_channels
        channels = -(-width // WIDTH_PER_CHANNEL)
        self.coarsest = _Block(photo_channels + noise_channels, channels)
        self.joins = nn.ModuleList(
            _Join(photo_channels + noise_channels, channels, channels * scale) for scale in range(1, num_blocks + 1)
        )
        self.head = PaddedConv(channels * (num_blocks + 1), 3, 1, bias=True)

    def forward(self, x: Tensor, modulations: list[Tensor]) -> Tensor:
        modulation = iter(modulations)
        coarse = self.coarsest(self._at(x, self.stride), modulation)
        for number, join in enumerate(self.joins, start=1):
            fresh = self._at(x, self.stride >> number)
            coarse = join(coarse, _cut(fresh, COARSE_HALO * 2**number - HALO) if self.trims else fresh, modulation)
        return self.head(coarse)

    def _at(self, x: Tensor, ratio: int) -> Tensor:
        """The input at a scale: (N, C, H, W) -> (N, C, H / ratio, W / ratio).

        The photo is pooled. The noise is picked, which keeps its strength, from pixels that no other scale but the finest sees.
        """
        if ratio == 1:
            return x
        photo, noise = x[:, : self.photo_channels], x[:, self.photo_channels :]
        picked = noise[:, :, ratio // 2 :: ratio, ratio // 2 :: ratio]
        return torch.cat([F.avg_pool2d(photo, ratio), picked], dim=1) if self.photo_channels else picked


def _cut(x: Tensor, border: int) -> Tensor:
    return x[..., border : x.shape[2] - border, border : x.shape[3] - border] if border else x


class _Block(nn.Module):
    """3x3, 3x3, 1x1, each with norm and ReLU: (N, C, H, W) -> (N, C', H, W)."""

    def __init__(self, channels_in: int, channels: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            [ConvBlock(channels_in, channels, 3), ConvBlock(channels, channels, 3), ConvBlock(channels, channels, 1)]
        )

    def forward(self, x: Tensor, modulation: Iterator[Tensor]) -> Tensor:
        for conv in self.convs:
            x = conv(x, next(modulation))
        return x


class _Join(nn.Module):
    """Double what is below, (N, C, H / 2, W / 2), put this scale's input, (N, C', H, W), beside it, both normed; a block."""

    def __init__(self, channels_in: int, channels: int, channels_below: int) -> None:
        super().__init__()
        self.fresh = _Block(channels_in, channels)
        self.norm_below = ConditionalInstanceNorm(channels_below)
        self.norm_fresh = ConditionalInstanceNorm(channels)
        self.block = _Block(channels_below + channels, channels_below + channels)

    def forward(self, below: Tensor, x: Tensor, modulation: Iterator[Tensor]) -> Tensor:
        fresh = self.fresh(x, modulation)
        below = F.interpolate(self.norm_below(below, next(modulation)), scale_factor=2.0, mode="nearest")
        below = _cut(below, (below.shape[2] - x.shape[2]) // 2)
        return self.block(torch.cat([below, self.norm_fresh(fresh, next(modulation))], dim=1), modulation)
