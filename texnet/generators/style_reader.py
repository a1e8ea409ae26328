"""A network that reads a style picture: from its descriptor to scale and shift of every norm of a generator.

Dumoulin et al. 2017 give every style its own scale and shift of each instance norm; Ghiasi et al. 2017 predict them from the
style picture. What is read can be folded into a generator's weights: it keeps its shape and speed, and begins with that style.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from texnet.generators.base import Generator
from texnet.generators.conditioning import StyleReading

HIDDEN = 192
LARGEST = 5.0  # standard deviations that a number of a descriptor counts as: pictures unlike all others stay within reach


class StyleReader(nn.Module):
    """From descriptors of style pictures, (N, size), to what a generator's norms and its color transform add for them.

    The last layer starts at zero: before training, every style is read alike. With ReLU and no layer norms all hidden units
    were dead after 800 steps: what all styles have in common pushes them down together.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, size: int, generator: Generator, hidden: int = HIDDEN) -> None:
        super().__init__()
        self.norm_sizes = [2 * norm.gamma.numel() for norm in generator.norms]
        self.color_size = generator.color_transform.last.bias.numel() if generator.color_transform else 0
        layers = [
            layer for channels in (size, hidden) for layer in (nn.Linear(channels, hidden), nn.LayerNorm(hidden), nn.SiLU())
        ]
        self.mlp = nn.Sequential(*layers)
        self.last = nn.Linear(hidden, sum(self.norm_sizes) + self.color_size)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("deviation", torch.ones(size))

    @torch.no_grad()
    def standardize(self, descriptors: Tensor) -> None:
        """Measure on descriptors of many pictures, (N, size), what is subtracted from each number and what divides it."""
        deviation, mean = torch.std_mean(descriptors, 0)
        self.mean.copy_(mean)
        self.deviation.copy_(deviation.clamp(min=1e-3 * float(deviation.max())))

    def forward(self, descriptors: Tensor) -> StyleReading:
        """What is read in style pictures, in float32 whatever autocast says."""
        with torch.autocast(descriptors.device.type, enabled=False):
            standard = ((descriptors.float() - self.mean) / self.deviation).clamp(-LARGEST, LARGEST)
            *norms, colors = self.last(self.mlp(standard)).split([*self.norm_sizes, self.color_size], dim=1)
        return StyleReading(tuple(norms), colors)


@torch.no_grad()
def fold(reading: StyleReading, generator: Generator) -> None:
    """Change a generator so that without a reading it paints what it painted with this one, of a single style."""
    for norm, modulation in zip(generator.norms, reading.norms, strict=True):
        scale, shift = modulation[0].chunk(2)
        norm.gamma.mul_(1 + scale)
        norm.beta.add_(shift)
    if generator.color_transform is not None:
        generator.color_transform.last.bias.add_(reading.colors[0])
