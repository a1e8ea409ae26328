"""Calibrate the strength control: measure a generator's perceptual path length over its uncalibrated factors.

Equal steps of the noise factor shall be equal steps of the look. Measured is the perceptual path length: the sum of the feature
distances between neighboring factors, through the layers of the run's own loss, over that from the photo to full style
(:func:`texnet.metrics.progress`). The map that follows from it is a :class:`texnet.generators.calibration.Calibration`.
Why not the style term, or the distance to the photo? Both move fast where strokes appear and hardly where they grow
bolder: a control that is even by one is uneven by the other and to the eye. A path length cannot fall, whatever the network.

It is measured twice: coarsely at even uncalibrated factors, then at those that are even in the look by the first measurement.
A path is the longer the finer its steps, so that a steep part with few points would look shorter than it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from texnet.data import PhotoDataset
from texnet.devices import autocast
from texnet.generators import Generator
from texnet.generators.calibration import Calibration, fit_calibration
from texnet.generators.noise import draw_noise
from texnet.losses import PerceptualLoss
from texnet.metrics import feature_distances, progress
from texnet.training.previews import choose_photos

# Of 30 % of the cost of 192 pixels, (10, 10) and (20, 10) steps: uncalibrated factors differ by 0.004 in the mean (mosaic).
NUM_PHOTOS = 16  # 8 made steps for other photos of 0.6 to 1.3 of the mean where 16 make them 0.75 to 1.2 (Starry Night)
SIZE = 128  # pixels: side of the center crops; photos are not resized, so that strokes keep their size
COARSE_STEPS = (6, 10)  # of the uncalibrated factor: from 0 to 1, from 1 to the largest
STEPS = (14, 6)  # of the noise factor, likewise
MIN_SHARE = 0.75  # of the photos, see :func:`find_end`

Features = dict[str, Tensor]  # (N, C, H, W) by layer


def calibrate_on(
    photos: PhotoDataset, generator: Generator, loss: PerceptualLoss, max_noise_factor: float, seed: int
) -> Calibration:
    """As :func:`calibrate`, on :func:`calibration_photos`."""
    return calibrate(generator, loss, calibration_photos(photos, seed), max_noise_factor)


def calibration_photos(photos: PhotoDataset, seed: int) -> Tensor:
    """Center crops of NUM_PHOTOS photos, drawn by the seed, or of all where there are fewer: (N, 3, S, S) in [0, 1]."""
    return choose_photos(photos, min(NUM_PHOTOS, len(photos)), seed, "calibration")


@torch.no_grad()
def calibrate(
    generator: Generator,
    loss: PerceptualLoss,
    photos: Tensor,
    max_noise_factor: float,
    *,
    precision: torch.dtype = torch.float32,
    on_progress: Callable[[float], object] = lambda share: None,
) -> Calibration:
    """Measure a generator on photos that it was not trained on, (N, 3, H, W) in [0, 1], stylized in a number format.

    ``loss`` must have its style and term norms. ``on_progress`` gets the share that is done, after each of many parts.
    """
    meter = _PathMeter(generator, loss, photos, precision)
    coarse, noise_factors = spread_factors(max_noise_factor, COARSE_STEPS), spread_factors(max_noise_factor, STEPS)
    num_points = len(coarse) + len(noise_factors) - 2
    meter.on_point = lambda count: on_progress(count / num_points)
    full = coarse.index(1.0)
    lengths, distances = meter.measure(coarse)  # (points - 1, N), (points - 1, 2, N)
    points = 1 + find_end(distances, full)
    first = fit_calibration(coarse[:points], progress(lengths, full)[:points], max_noise_factor)
    uncalibrated_factors = [*(first.uncalibrated(factor) for factor in noise_factors[:-1]), coarse[points - 1]]
    lengths, _ = meter.measure(uncalibrated_factors, distances=False)
    return fit_calibration(uncalibrated_factors, progress(lengths, noise_factors.index(1.0)), max_noise_factor)


@torch.no_grad()
def estimate_seconds(
    generator: Generator, loss: PerceptualLoss, photos: Tensor, max_noise_factor: float, precision: torch.dtype = torch.float32
) -> float:
    """How long :func:`calibrate` will take: two of its points are measured, the first of which warms up."""
    meter = _PathMeter(generator, loss, photos, precision)
    meter.measure([0.0, 1.0])
    begin = time.perf_counter()
    meter.measure([0.0, 1.0])
    num_points = sum(len(spread_factors(max_noise_factor, steps)) - 1 for steps in (COARSE_STEPS, STEPS))
    return num_points * (time.perf_counter() - begin)


class _PathMeter:
    """Paints photos, (N, 3, H, W) in [0, 1], at uncalibrated factors, and measures how far the look moves."""

    def __init__(self, generator: Generator, loss: PerceptualLoss, photos: Tensor, precision: torch.dtype) -> None:
        self.generator = generator
        self.loss = loss
        self.photos = _center(photos).to(next(generator.parameters()).device)
        self.precision = precision
        self.layers = {**loss.style_layers, **loss.content_layers}
        self.photo_features = loss.extract(self.photos, self.layers)
        loss.match(self.photos)
        noise = draw_noise(0, (1, generator.noise_channels, *self.photos.shape[2:]), self.photos.device)
        self.noise = noise.expand(len(self.photos), -1, -1, -1)
        self.count = 0
        self.on_point: Callable[[int], object] = lambda count: None

    def measure(self, uncalibrated_factors: Sequence[float], *, distances: bool = True) -> tuple[Tensor, Tensor]:
        """Along factors that rise from 0: feature distances of neighbors, (points - 1, N), and of style and photo.

        The latter are (points - 1, 2, N), or without ``distances`` left out. Both are on the CPU.
        """
        before, steps, ends = self.photo_features, [], [torch.empty(2, 0)]
        for features in self._outputs(uncalibrated_factors[1:]):
            steps.append(feature_distances(before, features))
            if distances:
                ends.append(torch.stack(self.loss.distances(features, self.photo_features)))  # (2, N)
            before = features
        return torch.stack(steps).cpu(), torch.stack(ends[1:] or ends).cpu()

    def _outputs(self, uncalibrated_factors: Sequence[float]) -> Iterator[Features]:
        for factor in uncalibrated_factors:
            factors = self.photos.new_full((len(self.photos),), factor)
            with autocast(self.precision, self.photos.device):
                output = self.generator(self.noise, self.photos, factors, blend=factor < 1)
            yield self.loss.extract(output.float(), self.layers)
            self.count += 1
            self.on_point(self.count)


def spread_factors(max_noise_factor: float, steps: tuple[int, int]) -> list[float]:
    """Factors that rise evenly from 0 to 1, and evenly from there to the largest, in so many steps each."""
    corners = pairwise((0.0, 1.0, max_noise_factor))
    inner = {low + (high - low) * i / count for (low, high), count in zip(corners, steps, strict=True) for i in range(count)}
    return sorted({*inner, max_noise_factor})


def find_end(distances: Tensor, full: int) -> int:
    """The point up to which the style distance falls and the content distance rises at each step beyond full style.

    ``distances`` are those of the points after the photo, (points - 1, 2, N), style first; ``full`` is the point of full style.
    A step counts where both move so in the mean and for MIN_SHARE of the photos: beyond the end a generator paints otherwise,
    but not stronger. The end is at least one step beyond full style, where there is one.
    """
    style, content = distances[full - 1 :].diff(dim=0).unbind(1)  # (points beyond full, N)
    in_most = ((style < 0) & (content > 0)).float().mean(1) >= MIN_SHARE
    stronger = in_most & (style.mean(1) < 0) & (content.mean(1) > 0)
    return full + min(len(stronger), max(1, int(stronger.int().cumprod(0).sum())))


def _center(photos: Tensor) -> Tensor:
    top, left = (max(0, side - SIZE) // 2 for side in photos.shape[2:])
    return photos[..., top : top + SIZE, left : left + SIZE]
