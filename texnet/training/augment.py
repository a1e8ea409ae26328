"""What each step draws at random: noise factors and noise for its photos, and a border around what the loss sees.

The border: at one phase of VGG's poolings throughout, a generator hides a grid of two or four pixels between them. A border
of another width on each side at each step moves the phase, and every pixel still counts. Deviation from Johnson et al. 2016.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.devices import to_device
from texnet.losses import DiversityLoss
from texnet.noise_factor import draw_noise_factors
from texnet.rng import make_generator
from texnet.training.distributed import SINGLE_PROCESS, DistributedContext
from texnet.training.second_view import SecondView, draw_second_view

STEADY_FROM = 2 / 3  # share of the training after which second views are seen: before, they would only cost time
BORDER = 8  # pixels that are added along each axis: all phases of three poolings

Border = tuple[int, int, int, int]  # left, right, top, bottom
NO_BORDER: Border = (0, 0, 0, 0)


class StepInputs(NamedTuple):
    """What a step learns on: photos (N, 3, H, W) in [0, 1], factors (N,), noise (N, C, H, W), the border in pixels, and
    the second view of the photos, if it is to learn to hold still.
    """

    content: Tensor
    noise_factor: Tensor
    noise: Tensor
    border: Border = NO_BORDER
    view: SecondView | None = None


@dataclass(frozen=True)
class InputSampler:
    """Draws the inputs of a step, as a function of the seed and the step alone.

    Under torchrun each process gets its part of what is drawn for all. ``fixed_noise_factor`` > 0 is that of all pictures.
    """

    seed: int
    noise_channels: int
    max_noise_factor: float
    device: torch.device
    fixed_noise_factor: float = 0.0
    diversity: DiversityLoss | None = None
    steady: bool = False
    context: DistributedContext = SINGLE_PROCESS

    def __call__(self, step: int, photos: Tensor, progress: float = 0.0) -> StepInputs:
        """The inputs of a step from its photos, (N, 3, H, W) in [0, 1] on the device, after a share of the training."""
        part = slice(self.context.rank * len(photos), (self.context.rank + 1) * len(photos))
        count = len(photos) * self.context.world_size
        random = make_generator(self.seed, "draw", step)
        factors = draw_noise_factors(count, self.max_noise_factor, random)[part]
        if self.fixed_noise_factor:
            factors = torch.full_like(factors, self.fixed_noise_factor)
        if self.diversity:
            photos, factors = self.diversity.pick(photos), self.diversity.pick(factors)
        noise_random = make_generator(self.seed, "noise", step, device=self.device)  # on the device, where it is fast
        shape = (count, self.noise_channels, *photos.shape[2:])
        noise = torch.randn(shape, generator=noise_random, device=self.device)[part]  # (N, C, H, W)
        border, view = draw_border(random), None
        if self.steady and progress >= STEADY_FROM:
            view = draw_second_view(photos, make_generator(self.seed, "view", step, self.context.rank))
        return StepInputs(photos, to_device(factors, self.device), noise, border, view)


def draw_border(generator: torch.Generator) -> Border:
    """Widths of the four sides in pixels: BORDER along each axis, divided at random."""
    left, top = torch.randint(BORDER + 1, (2,), generator=generator).tolist()
    return left, BORDER - left, top, BORDER - top


def add_border(image: Tensor, border: Border, mode: str = "reflect") -> Tensor:
    """Extend a picture by its reflection, or by its opposite side where the mode is "circular".

    (N, C, H, W) -> (N, C, H + top + bottom, W + left + right).
    """
    return F.pad(image, border, mode=mode)
