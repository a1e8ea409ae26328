"""Previews of a training: the same few photos at rising noise factors, or a texture from a few seeds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from texnet.data import PhotoDataset, center_crop
from texnet.devices import autocast
from texnet.drawing import draw_scene
from texnet.generators import Generator
from texnet.generators.calibration import Calibration
from texnet.generators.noise import draw_noise
from texnet.images import center_square, resize_long, side_by_side, to_bytes, to_float
from texnet.rng import make_generator

FACTORS = (0.0, 0.25, 0.5, 1.0)
NUM_PHOTOS = 4
SEEDS = range(4)
THUMBNAIL = 256  # pixels to a side: what a checkpoint to share shows of itself


def choose_photos(photos: PhotoDataset, count: int, seed: int, purpose: str) -> Tensor:
    """Center crops of photos drawn by the seed, again where fewer can be read: float (count, 3, S, S) in [0, 1]."""
    order = torch.randperm(len(photos), generator=make_generator(seed, purpose)).tolist()
    drawn = photos.readable(order, count) or order
    chosen = [drawn[i % len(drawn)] for i in range(count)]
    return to_float(torch.stack([center_crop(photos[i], photos.crop_size).cpu() for i in chosen]))


@torch.no_grad()
def render_preview(
    generator: Generator,
    photos: Tensor,
    precision: torch.dtype,
    calibration: Calibration,
    noise_factors: Sequence[float] = FACTORS,
) -> Tensor:
    """Photos (N, 3, S, S) at K noise factors: one picture (3, N * S, K * S) on the CPU, a row per photo.

    At 0 it is the photo, which is not painted.
    """
    device = next(generator.parameters()).device
    noise = draw_noise(0, (1, generator.noise_channels, *photos.shape[2:]), device)
    factors = torch.tensor([calibration.uncalibrated(factor) for factor in noise_factors if factor], device=device)
    rows = []
    for photo in photos.to(device):
        with autocast(precision, device):
            output = generator(noise.expand(len(factors), -1, -1, -1), photo.expand(len(factors), -1, -1, -1), factors)
        painted = iter(output[:, None].float())
        rows.append(side_by_side([next(painted) if factor else photo[None] for factor in noise_factors]))
    return torch.cat(rows, dim=2)[0]


def render_run_preview(
    generator: Generator, photos: Tensor, precision: torch.dtype, calibration: Calibration, fixed_noise_factor: float = 0.0
) -> Tensor:
    """Photos (N, 3, S, S) at rising noise factors, or at 0 and the fixed one, or samples of a texture, as one picture."""
    if not generator.reads_photo:
        return render_samples(generator, photos.shape[-1], precision)
    factors = (0.0, fixed_noise_factor) if fixed_noise_factor else FACTORS
    return render_preview(generator, photos, precision, calibration, factors)


@torch.no_grad()
def render_samples(generator: Generator, size: int, precision: torch.dtype) -> Tensor:
    """A texture from each of SEEDS, side by side: one picture (3, size, len(SEEDS) * size) on the CPU."""
    device = next(generator.parameters()).device
    noise = torch.cat([draw_noise(seed, (1, generator.noise_channels, size, size), device) for seed in SEEDS])
    with autocast(precision, device):
        samples = generator(noise)
    return side_by_side(list(samples[:, None].float()))[0]


def render_thumbnail(generator: Generator, style: Tensor, calibration: Calibration, fixed_noise_factor: float = 0.0) -> Tensor:
    """What a checkpoint to share shows of itself: uint8 (3, THUMBNAIL, THUMBNAIL), on the CPU, of four pictures.

    The style picture, (1, 3, H, W) in [0, 1], and a drawn scene at noise factors 0, 0.5 and 1, for a texture three
    samples. Drawn, because photos are their owner's. The generator is on the CPU.
    """
    if generator.reads_photo:
        scene = to_float(torch.from_numpy(np.array(draw_scene(THUMBNAIL, 0))).permute(2, 0, 1))[None]  # (1, 3, S, S)
        factors = (0.0, fixed_noise_factor, fixed_noise_factor) if fixed_noise_factor else (0.0, 0.5, 1.0)
        output = render_preview(generator, scene, torch.float32, calibration, factors)
    else:
        output = render_samples(generator, THUMBNAIL, torch.float32)
    results = output[None, ..., : 3 * THUMBNAIL].chunk(3, dim=3)  # (1, 3, S, S) each
    tiles = [center_square(style), *results]
    small = [resize_long(tile, THUMBNAIL // 2) for tile in tiles]
    return to_bytes(torch.cat([side_by_side(small[:2]), side_by_side(small[2:])], dim=2)[0])
