"""What a person looks at while training: the same few photos at rising noise factors, or a texture from a few seeds."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from texnet.data import PhotoDataset, center_crop
from texnet.devices import autocast
from texnet.generators import Generator
from texnet.generators.calibration import Calibration
from texnet.generators.noise import draw_noise
from texnet.images import side_by_side, to_float
from texnet.rng import make_generator

FACTORS = (0.0, 0.25, 0.5, 1.0)
NUM_PHOTOS = 4
SEEDS = range(4)


def choose_photos(photos: PhotoDataset, count: int, seed: int, purpose: str) -> Tensor:
    """Middle crops of photos drawn by the seed: float (count, 3, S, S) in [0, 1]."""
    order = torch.randperm(len(photos), generator=make_generator(seed, purpose)).tolist()
    chosen = [order[i % len(order)] for i in range(count)]
    return to_float(torch.stack([center_crop(photos[i], photos.crop_size).cpu() for i in chosen]))


@torch.no_grad()
def paint_preview(
    generator: Generator,
    photos: Tensor,
    precision: torch.dtype,
    calibration: Calibration,
    noise_factors: Sequence[float] = FACTORS,
) -> Tensor:
    """PhotoDataset (N, 3, S, S) at K noise factors: one picture (3, N * S, K * S) on the CPU, a row per photo."""
    device = next(generator.parameters()).device
    noise = draw_noise(0, (1, generator.noise_channels, *photos.shape[2:]), device)
    factors = torch.tensor([calibration.uncalibrated(factor) for factor in noise_factors], device=device)
    rows = []
    for photo in photos.to(device):
        with autocast(precision, device):
            painted = generator(noise.expand(len(factors), -1, -1, -1), photo.expand(len(factors), -1, -1, -1), factors)
        rows.append(side_by_side(list(painted[:, None].float())))
    return torch.cat(rows, dim=2)[0]


@torch.no_grad()
def paint_samples(generator: Generator, size: int, precision: torch.dtype) -> Tensor:
    """A texture from each of SEEDS, side by side: one picture (3, size, len(SEEDS) * size) on the CPU."""
    device = next(generator.parameters()).device
    noise = torch.cat([draw_noise(seed, (1, generator.noise_channels, size, size), device) for seed in SEEDS])
    with autocast(precision, device):
        samples = generator(noise)
    return side_by_side(list(samples[:, None].float()))[0]
