"""A portable generator that tells the statistics of its norms, or takes those of another picture: for pictures in tiles.

Each pixel of what is painted with given statistics depends on its neighborhood alone. So tiles that overlap by the receptive
radius, and share statistics, fit together without a seam.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise, product
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from texnet.drawing import draw_scene
from texnet.export.portable import PortableGenerator
from texnet.generators import Generator
from texnet.generators.conditioning import EPSILON
from texnet.generators.noise import draw_noise
from texnet.images import to_float

NOISE_FACTOR, SEED = 0.8, 1  # of the picture that tiles are checked on

TiledRun = Callable[..., Sequence[Tensor]]  # content, noise, factor, statistics, given -> output, statistics


class SharedNorm(NamedTuple):
    """What a norm needs: scale, shift, mean and variance, (C,) each; ``given``, (1,): whether these statistics count.

    ``measured`` gets the picture's own.
    """

    scale: Tensor
    shift: Tensor
    mean: Tensor
    variance: Tensor
    given: Tensor
    measured: list[tuple[Tensor, Tensor]]


class TiledGenerator(PortableGenerator):
    """As :class:`PortableGenerator`, with the statistics of all norms as an input and an output.

    ``num_statistics`` is how many numbers these are: the means of all channels of all norms, then their variances.
    """

    def __init__(self, generator: Generator) -> None:
        super().__init__(generator, StatisticsNorm)
        self.num_statistics = 2 * sum(self.strength.channels)

    def forward(  # type: ignore[override]
        self, content: Tensor, noise: Tensor, uncalibrated_factor: Tensor, statistics: Tensor, given: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The picture, (1, 3, H, W), and its own statistics, (num_statistics,).

        ``given``, (1,), is 1 to norm by ``statistics``, 0 to norm by the picture's own.
        """
        strength = self.strength(uncalibrated_factor)
        measured: list[tuple[Tensor, Tensor]] = []
        norms = []
        mean_at, variance_at = 0, self.num_statistics // 2
        for (scale, shift), size in zip(strength.norms, self.strength.channels, strict=True):
            mean, variance = statistics.narrow(0, mean_at, size), statistics.narrow(0, variance_at, size)
            norms.append(SharedNorm(scale, shift, mean, variance, given, measured))
            mean_at, variance_at = mean_at + size, variance_at + size
        painted = self.paint(content, strength.factor * noise, norms)  # type: ignore[arg-type]
        own = torch.cat([mean for mean, _ in measured] + [variance for _, variance in measured])
        return self.blend(content, painted, strength), own


class StatisticsNorm(nn.Module):
    """Instance norm by given statistics or by the picture's own: (1, C, H, W) -> (1, C, H, W)."""

    def forward(self, x: Tensor, shared: SharedNorm) -> Tensor:
        own_mean = x.mean((2, 3), keepdim=True)
        own = own_mean[0, :, 0, 0], (x - own_mean).square().mean((2, 3))[0]
        shared.measured.append(own)
        mean, variance = (
            shared.given * theirs + (1 - shared.given) * mine
            for theirs, mine in zip((shared.mean, shared.variance), own, strict=True)
        )
        gain = shared.scale * (variance + EPSILON).rsqrt()
        offset = shared.shift - mean * gain
        return x * gain[None, :, None, None] + offset[None, :, None, None]


def halo_of(generator: Generator) -> int:
    """How far tiles reach beyond what is kept of them, pixels: the receptive radius, as a multiple of the stride."""
    return -(-generator.receptive_radius // generator.stride) * generator.stride


def largest_difference_of_tiles(run: TiledRun, generator: Generator, num_statistics: int) -> float:
    """The largest difference of any number, in [0, 1], between a picture in four tiles and what the generator paints whole.

    ``run`` is the exported network; the statistics are those of the whole picture.
    """
    halo, stride = halo_of(generator), generator.stride
    side = 3 * halo + stride + 1
    content = to_float(torch.from_numpy(np.array(draw_scene(side))).permute(2, 0, 1)[None])
    noise, factor = draw_noise(SEED, (1, generator.noise_channels, side, side)), torch.tensor([NOISE_FACTOR])
    with torch.no_grad():
        expected = generator(noise, content, factor)
    output, statistics = run(content, noise, factor, torch.zeros(num_statistics), torch.zeros(1))
    differences = [output - expected]
    for (top, bottom), (left, right) in product(pairwise((0, side // 2 // stride * stride, side)), repeat=2):
        rows = slice(max(0, top - halo), min(side, bottom + halo))
        columns = slice(max(0, left - halo), min(side, right + halo))
        parts = (picture[..., rows, columns].contiguous() for picture in (content, noise))
        tile, _ = run(*parts, factor, statistics, torch.ones(1))
        kept = tile[..., top - rows.start : bottom - rows.start, left - columns.start : right - columns.start]
        differences.append(kept - expected[..., top:bottom, left:right])
    return torch.cat([difference.flatten() for difference in differences]).abs().max().item()
