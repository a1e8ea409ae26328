"""Measure how far a generator goes at each raw factor, to make its dial even (:mod:`texnet.generators.calibration`).

What is measured is the way that the look of a picture goes: the sum of the perceptual distances between neighboring
factors, through the layers of the run's own loss, over that from the photo to full style (:func:`texnet.metrics.progress`).
Why not the share of the style term or of the distance to the photo? Those move fast where strokes appear and hardly where
they grow bolder, so that an even dial by one is uneven by the other and by the eye: most of the change of look then falls
on its last fifth. Equal steps of the look are what a dial promises; they cannot fall, even for a network that is still bad.

It is measured twice: first at even raw factors, then at those that by the first are even on the dial, so that a steep part of
the way, which few points make look shorter, has as many as a flat one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from texnet.data import PhotoDataset
from texnet.generators import Generator
from texnet.generators.calibration import Calibration, fit_calibration
from texnet.generators.noise import draw_noise
from texnet.losses import PerceptualLoss
from texnet.metrics import feature_distances, progress
from texnet.training.previews import choose_photos

NUM_PHOTOS = 16  # 8 made steps for other photos of 0.6 to 1.3 of the mean where 16 make them 0.75 to 1.2 (Starry Night)
SIZE = 192  # pixels: the side of what is cut out of the middle of each photo; strokes keep their size only at full scale
ROUGH_STEPS = (10, 10)  # of the raw factor, between 0, 1 and the largest
STEPS = (20, 10)  # of the dial; a way is the longer the finer its steps, and a dial is turned by 0.05
MOST = 0.75  # of the photos


def calibrate_on(
    photos: PhotoDataset, generator: Generator, loss: PerceptualLoss, max_noise_factor: float, seed: int
) -> Calibration:
    """As :func:`calibrate`, on NUM_PHOTOS of some photos, drawn by the seed, or on all where there are fewer."""
    chosen = choose_photos(photos, min(NUM_PHOTOS, len(photos)), seed, "calibration")
    return calibrate(generator, loss, chosen, max_noise_factor)


@torch.no_grad()
def calibrate(generator: Generator, loss: PerceptualLoss, photos: Tensor, max_noise_factor: float) -> Calibration:
    """Measure a generator on photos that it was not trained on, (N, 3, H, W) in [0, 1], painted in float32.

    ``loss`` must have its style and scales.
    """
    photos = _middle(photos.to(next(generator.parameters()).device))
    uncalibrated_factors = spread_factors(max_noise_factor, ROUGH_STEPS)
    full = uncalibrated_factors.index(1.0)
    walk = _walk(generator, loss, photos, uncalibrated_factors)
    before = wanted = next(walk)
    moves, distances = [], []
    for seen in walk:
        moves.append(feature_distances(before, seen))
        distances.append(torch.stack(loss.distances(seen, wanted)))
        before = seen
    points = 1 + find_end(torch.stack(distances), full)
    rough = fit_calibration(uncalibrated_factors[:points], progress(torch.stack(moves).cpu(), full)[:points], max_noise_factor)
    noise_factors = spread_factors(max_noise_factor, STEPS)
    uncalibrated_factors = [*(rough.uncalibrated(factor) for factor in noise_factors[:-1]), rough.uncalibrated_factors[-1]]
    moves = [feature_distances(before, seen) for before, seen in pairwise(_walk(generator, loss, photos, uncalibrated_factors))]
    return fit_calibration(uncalibrated_factors, progress(torch.stack(moves).cpu(), noise_factors.index(1.0)), max_noise_factor)


@torch.no_grad()
def _walk(
    generator: Generator, loss: PerceptualLoss, photos: Tensor, uncalibrated_factors: Sequence[float]
) -> Iterator[dict[str, Tensor]]:
    """What the loss sees of the photos, (N, 3, H, W), and then of the paintings at each raw factor but the first, 0."""
    noise = draw_noise(0, (1, generator.noise_channels, *photos.shape[2:]), photos.device).expand(len(photos), -1, -1, -1)
    layers = {**loss.style_layers, **loss.content_layers}
    yield loss.extract(photos, layers)
    for factor in uncalibrated_factors[1:]:
        factors = photos.new_full((len(photos),), factor)
        yield loss.extract(generator(noise, photos, factors, blend=factor < 1), layers)


def spread_factors(max_noise_factor: float, steps: tuple[int, int]) -> list[float]:
    """Factors that rise evenly from 0 to 1, and evenly from there to the largest, in so many steps each."""
    corners = pairwise((0.0, 1.0, max_noise_factor))
    inner = {low + (high - low) * i / count for (low, high), count in zip(corners, steps, strict=True) for i in range(count)}
    return sorted({*inner, max_noise_factor})


def find_end(distances: Tensor, full: int) -> int:
    """The point up to which the style term falls and the content term rises at each step beyond full style.

    ``distances`` are those of the points after the photo, (points - 1, 2, N), the style term first; ``full`` is the point of
    full style. A step counts where both go the right way in the mean and in MOST of the photos: from the end on a generator
    paints otherwise, but not stronger. It is no nearer than one step beyond full style, where there is one.
    """
    style, content = distances[full - 1 :].diff(dim=0).unbind(1)  # (points beyond full, N)
    in_most = ((style < 0) & (content > 0)).float().mean(1) >= MOST
    stronger = in_most & (style.mean(1) < 0) & (content.mean(1) > 0)
    return full + min(len(stronger), max(1, int(stronger.int().cumprod(0).sum())))


def _middle(photos: Tensor) -> Tensor:
    top, left = (max(0, side - SIZE) // 2 for side in photos.shape[2:])
    return photos[..., top : top + SIZE, left : left + SIZE]
