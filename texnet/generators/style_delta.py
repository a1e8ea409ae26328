"""One network for many styles: what a style changes in a generator that all of them share.

Dumoulin et al. 2017 give each style its own scale and shift of every instance norm. Here a style also has a low-rank
difference of every kernel (Hu et al. 2022), a tenth of a network of its own.
All of it is added to weights: folded in, a style is an ordinary generator, as fast and of the same shape, and blends of styles
are sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.func import functional_call

from texnet.generators.base import Generator
from texnet.generators.conditioning import StyleReading
from texnet.generators.layers import PaddedConv

T = TypeVar("T")

SPREAD = 0.2  # standard deviation of the first factors: Adam then moves a kernel about half as far as without factors


class StyleDelta(nn.Module):
    """What one style changes in a generator: norms, colors and, with ``rank`` above 0, kernels.

    ``norms`` are dgamma and dbeta of all norms in a row, (2 * sum of C,); ``colors`` (12,), empty without a color transform;
    ``down`` (rank, C * K * K) and ``up`` (C', rank) of each kernel, whose product is added to it. It begins as no change.
    """

    def __init__(self, generator: Generator, rank: int, *, seed: int = 0) -> None:
        super().__init__()
        self.norm_sizes = [2 * norm.gamma.numel() for norm in generator.norms]
        self.kernel_names = [f"{name}.conv.weight" for name, _ in _convolutions(generator)]
        color = generator.color_transform
        self.norms = nn.Parameter(torch.zeros(sum(self.norm_sizes)))
        self.colors = nn.Parameter(torch.zeros(color.last.bias.numel() if color else 0))
        kernels = [conv.conv.weight for _, conv in _convolutions(generator)] if rank else []
        ranks = [min(rank, len(kernel)) for kernel in kernels]
        random = torch.Generator().manual_seed(seed)
        down = [SPREAD * torch.randn(r, kernel[0].numel(), generator=random) for r, kernel in zip(ranks, kernels, strict=True)]
        self.down = nn.ParameterList(down)
        self.up = nn.ParameterList(torch.zeros(len(kernel), r) for r, kernel in zip(ranks, kernels, strict=True))

    @property
    def rank(self) -> int:
        """The rank of the differences of kernels, 0 for none."""
        return max((len(down) for down in self.down), default=0)

    @torch.no_grad()
    def take(self, reading: StyleReading) -> None:
        """Begin with what a style reader reads in one style picture."""
        self.norms.copy_(torch.cat([norm[0] for norm in reading.norms]))
        self.colors.copy_(reading.colors[0])

    def reading(self) -> StyleReading:
        """Norms and colors as a generator takes them, for one picture."""
        return StyleReading(tuple(part[None] for part in self.norms.split_with_sizes(self.norm_sizes)), self.colors[None])

    def kernel_changes(self) -> dict[str, Tensor]:
        """What is added to each kernel, by the name of the weight: (C', C * K * K)."""
        return {name: up @ down for name, up, down in zip(self.kernel_names[: len(self.up)], self.up, self.down, strict=True)}


class MultiStyleGenerator(Generator):
    """A generator and the deltas of its styles, trained together. ``chosen`` has the next batch's, a style for each picture."""

    def __init__(self, generator: Generator, deltas: Sequence[StyleDelta]) -> None:
        channels, memory = generator.noise_channels, generator.bytes_per_pixel
        super().__init__(
            generator.body,
            noise_channels=channels,
            bytes_per_pixel=memory,
            reads_photo=generator.reads_photo,
            keeps_chroma=generator.keeps_chroma,
        )
        self.load_state_dict(generator.state_dict())
        self.deltas = nn.ModuleList(deltas)
        self.chosen: Sequence[int] = (0,)

    def forward(self, *inputs: Any, **options: Any) -> Tensor:
        """As :meth:`Generator.forward`, each picture in the style that is chosen for it."""
        readings = [self.delta(style).reading() for style in self.chosen]
        norms = tuple(torch.cat(parts) for parts in zip(*(reading.norms for reading in readings), strict=True))
        style = StyleReading(norms, torch.cat([reading.colors for reading in readings]))
        return super().forward(*inputs, **options, style=style)

    def run_body(self, x: Tensor, modulations: list[Tensor]) -> Tensor:
        """The body's pass, style by style where these have kernels of their own."""
        if not self.delta(self.chosen[0]).rank:
            return super().run_body(x, modulations)
        outputs = []
        for style, part in runs(self.chosen):
            inputs = (x[part], [modulation[part] for modulation in modulations])
            outputs.append(functional_call(self.body, self._kernels(style), inputs))
        return torch.cat(outputs)

    def delta(self, style: int) -> StyleDelta:
        """What a style changes."""
        delta = self.deltas[style]
        assert isinstance(delta, StyleDelta)
        return delta

    def _kernels(self, style: int) -> dict[str, Tensor]:
        """The kernels of a style, by their names in the body."""
        prefix, changes = "body.", self.delta(style).kernel_changes()
        weights = {kernel: self.get_parameter(kernel) for kernel in changes}
        return {kernel.removeprefix(prefix): weights[kernel] + changes[kernel].view_as(weights[kernel]) for kernel in changes}


def runs(items: Sequence[T]) -> list[tuple[T, slice]]:
    """Items that follow each other and are equal, once, and where they are."""
    found, begin = [], 0
    for item, equal in groupby(items):
        end = begin + len(list(equal))
        found.append((item, slice(begin, end)))
        begin = end
    return found


@torch.no_grad()
def fold_deltas(generator: Generator, deltas: Sequence[StyleDelta], shares: Sequence[float] = (1.0,)) -> None:
    """Make a generator paint one style alone, or a blend: the changes are added to its weights, each times its share."""
    norms = torch.stack([share * delta.norms for delta, share in zip(deltas, shares, strict=True)]).sum(0)
    for norm, modulation in zip(generator.norms, norms.split_with_sizes(deltas[0].norm_sizes), strict=True):
        scale, shift = modulation.chunk(2)
        norm.gamma.mul_(1 + scale)
        norm.beta.add_(shift)
    for delta, share in zip(deltas, shares, strict=True):
        if generator.color_transform is not None:
            generator.color_transform.last.bias.add_(share * delta.colors)
        for name, change in delta.kernel_changes().items():
            weight = generator.get_parameter(name)
            weight.add_(share * change.view_as(weight))


def _convolutions(generator: Generator) -> list[tuple[str, PaddedConv]]:
    return [(name, module) for name, module in generator.named_modules() if isinstance(module, PaddedConv)]
