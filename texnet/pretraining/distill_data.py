"""The pictures that a perceptual network should see: photos, style pictures, paintings, and what lies between."""

from __future__ import annotations

from collections.abc import Generator as Generating
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.data import CropLoader
from texnet.generators import Generator
from texnet.generators.noise import draw_noise
from texnet.pretraining.distill import LONGEST_WAY, OptimizedBatch
from texnet.pretraining.multi_style import augment_style
from texnet.rng import make_generator

NUM_STYLES = 48  # variations of the style pictures
NUM_BATCHES = 12


class DistillationData:
    """An endless stream of pictures of one size: the same for the same seed and steps, drawn in the same order."""

    def __init__(
        self,
        loader: CropLoader,
        style_paths: Sequence[Path],
        generators: Sequence[Generator],
        *,
        size: int,
        device: torch.device,
        seed: int,
    ) -> None:
        self.loader = loader
        self.styles = [augment_style(style_paths[n % len(style_paths)], n, seed) for n in range(NUM_STYLES)]
        self.generators = [generator.to(device) for generator in generators]
        self.size = size
        self.device = device
        self.seed = seed
        self.batches: list[OptimizedBatch] = []
        self._photos = self._endless()

    def photos(self) -> Tensor:
        """The next photos: (N, 3, S, S) on the device."""
        return next(self._photos)

    def fresh(self, step: int) -> Tensor:
        """A batch of photos in which each third or so is replaced by style pictures, paintings and blends of both."""
        random = make_generator(self.seed, "mixture", step)
        pictures = self.photos()
        kinds = torch.rand(len(pictures), generator=random)
        crops = [self._style_crop(random, self.size) for _ in pictures]
        styles = torch.cat([F.interpolate(crop, self.size, mode="bilinear") for crop in crops]).to(self.device)
        if self.generators:
            painted = self._paint(pictures, random)
            pictures = torch.where(_wide(kinds < 0.4, pictures), painted, pictures)
        share = torch.rand(len(pictures), 1, 1, 1, generator=random).to(self.device)
        blend = torch.lerp(pictures, styles, share)
        pictures = torch.where(_wide((kinds >= 0.4) & (kinds < 0.55), pictures), styles, pictures)
        return torch.where(_wide((kinds >= 0.55) & (kinds < 0.65), pictures), blend, pictures)

    def optimized(self, step: int) -> OptimizedBatch:
        """Pictures on their way to a style: the longest gone are replaced by photos that set out to another."""
        random = make_generator(self.seed, "optimized", step)
        place = step % NUM_BATCHES
        longest = LONGEST_WAY * (0.3 + 0.7 * torch.rand(1, generator=random).item())
        if len(self.batches) < NUM_BATCHES:
            self.batches.append(self._set_out(random))
        elif self.batches[place].steps >= longest:
            self.batches[place] = self._set_out(random)
        return self.batches[min(place, len(self.batches) - 1)]

    def _set_out(self, random: torch.Generator) -> OptimizedBatch:
        kind = torch.rand(2, generator=random)
        pictures = self.photos()
        if kind[0] < 0.2:
            pictures = (0.5 + 0.2 * torch.randn(pictures.shape, generator=random)).clamp(0, 1).to(self.device)
        return OptimizedBatch(pictures, self._style_crop(random, 2 * self.size).to(self.device), 0, bool(kind[1] < 0.6))

    def _style_crop(self, random: torch.Generator, size: int) -> Tensor:
        """A square out of a style picture, not larger than that."""
        style = self.styles[int(torch.randint(NUM_STYLES, (1,), generator=random))]
        height, width = style.shape[2:]
        size = min(size, height, width)
        top = int(torch.randint(height - size + 1, (1,), generator=random))
        left = int(torch.randint(width - size + 1, (1,), generator=random))
        return style[..., top : top + size, left : left + size]

    @torch.no_grad()
    def _paint(self, photos: Tensor, random: torch.Generator) -> Tensor:
        generator = self.generators[int(torch.randint(len(self.generators), (1,), generator=random))]
        factors = (2 * torch.rand(len(photos), generator=random)).to(self.device)
        seed = int(torch.randint(2**31, (1,), generator=random))
        noise = draw_noise(seed, (len(photos), generator.noise_channels, *photos.shape[2:]), self.device)
        return generator(noise, photos, factors)

    def _endless(self) -> Generating[Tensor, None, None]:
        epoch = 0
        while True:
            for batch in self.loader.epoch(epoch):
                yield batch.cut(self.size, self.device)
            epoch += 1


def _wide(mask: Tensor, like: Tensor) -> Tensor:
    return mask.to(like.device)[:, None, None, None]
