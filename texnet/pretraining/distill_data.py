"""The images that a perceptual network is distilled on: photos, styles, stylized photos, and images under optimization."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.data import CropLoader
from texnet.generators import Generator
from texnet.generators.noise import draw_noise
from texnet.pretraining.style_pool import augment_style
from texnet.rng import make_generator

NUM_STYLES = 48  # augmented style images
NUM_OPTIMIZED = 12  # batches that are optimized at the same time
MAX_OPTIMIZATION_STEPS = 60  # after which a batch starts anew from other images


@dataclass
class OptimizedBatch:
    """Images (N, 3, S, S) that are optimized towards the statistics of a style (1, 3, H, W), by gradient descent.

    ``steps`` counts the steps so far. ``by_student`` says whose features give the gradient, the student's or the teacher's.
    """

    images: Tensor
    style: Tensor
    steps: int
    by_student: bool


class DistillationData:
    """Endless batches of images (N, 3, size, size) on ``device``.

    Equal seeds give equal batches if they are asked for in the same order of steps.
    """

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
        self._optimized: list[OptimizedBatch] = []
        self._photos = self._endless_photos()

    def fresh(self, step: int) -> Tensor:
        """A batch of photos, of which random ones are stylized, replaced by a style, or blended with one."""
        random = make_generator(self.seed, "mixture", step)
        images = next(self._photos)
        kinds = torch.rand(len(images), generator=random)
        crops = [self._crop_style(random, self.size) for _ in images]
        styles = torch.cat([F.interpolate(crop, self.size, mode="bilinear") for crop in crops]).to(self.device)
        if self.generators:
            stylized = self._stylize(images, random)
            images = torch.where(_per_image(kinds < 0.4, images), stylized, images)
        alpha = torch.rand(len(images), 1, 1, 1, generator=random).to(self.device)
        blended = torch.lerp(images, styles, alpha)
        images = torch.where(_per_image((kinds >= 0.4) & (kinds < 0.55), images), styles, images)
        return torch.where(_per_image((kinds >= 0.55) & (kinds < 0.65), images), blended, images)

    def optimized(self, step: int) -> OptimizedBatch:
        """One of NUM_OPTIMIZED batches, in turn; whoever gets it updates it in place. Old ones are replaced by new ones."""
        random = make_generator(self.seed, "optimized", step)
        index = step % NUM_OPTIMIZED
        max_steps = MAX_OPTIMIZATION_STEPS * (0.3 + 0.7 * torch.rand(1, generator=random).item())
        if len(self._optimized) < NUM_OPTIMIZED:
            self._optimized.append(self._new_optimized(random))
        elif self._optimized[index].steps >= max_steps:
            self._optimized[index] = self._new_optimized(random)
        return self._optimized[min(index, len(self._optimized) - 1)]

    def _new_optimized(self, random: torch.Generator) -> OptimizedBatch:
        """Photos or noise at the start of their optimization, with the style that they are optimized towards."""
        from_noise, by_student = torch.rand(2, generator=random)
        images = next(self._photos)
        if from_noise < 0.2:
            images = (0.5 + 0.2 * torch.randn(images.shape, generator=random)).clamp(0, 1).to(self.device)
        style = self._crop_style(random, 2 * self.size).to(self.device)
        return OptimizedBatch(images, style, steps=0, by_student=bool(by_student < 0.6))

    def _crop_style(self, random: torch.Generator, size: int) -> Tensor:
        """A random square out of a random style: (1, 3, size, size), smaller where the style is."""
        style = self.styles[int(torch.randint(NUM_STYLES, (1,), generator=random))]
        height, width = style.shape[2:]
        size = min(size, height, width)
        top = int(torch.randint(height - size + 1, (1,), generator=random))
        left = int(torch.randint(width - size + 1, (1,), generator=random))
        return style[..., top : top + size, left : left + size]

    @torch.no_grad()
    def _stylize(self, photos: Tensor, random: torch.Generator) -> Tensor:
        """Photos (N, 3, S, S) stylized by a random generator at random noise factors from 0 to 2."""
        generator = self.generators[int(torch.randint(len(self.generators), (1,), generator=random))]
        factors = (2 * torch.rand(len(photos), generator=random)).to(self.device)
        seed = int(torch.randint(2**31, (1,), generator=random))
        noise = draw_noise(seed, (len(photos), generator.noise_channels, *photos.shape[2:]), self.device)
        return generator(noise, photos, factors)

    def _endless_photos(self) -> Iterator[Tensor]:
        epoch = 0
        while True:
            for batch in self.loader.epoch(epoch):
                yield batch.cut(self.size, self.device)
            epoch += 1


def _per_image(mask: Tensor, like: Tensor) -> Tensor:
    """(N,) -> (N, 1, 1, 1) on the device of ``like``."""
    return mask.to(like.device)[:, None, None, None]
