"""The strength curve: what a network does as its noise factor rises from 0 through 1 to 2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from statistics import fmean

import torch
from torch import Tensor

from texnet import metrics
from texnet.config import EvaluateConfig
from texnet.evaluation.evaluator import Evaluator
from texnet.evaluation.networks import Network
from texnet.evaluation.pixel_blend_baseline import PixelBlend, Point, blend, compare_pixel_blend, locate
from texnet.losses import PerceptualLoss

MAX_FACTOR = 2.0  # where the curve ends


@dataclass(frozen=True)
class Steps:
    """The share of a curve's steps in the right direction: of ``all``, of those up to noise factor 1, of those ``beyond``.

    ``each``: for each step, the share of the photos. ``beyond`` is None where the largest factor is 1.
    """

    all: float
    up_to_one: float
    beyond: float | None
    each: list[float]

    def __str__(self) -> str:
        parts = [share for share in (self.up_to_one, self.beyond) if share is not None]
        return f"{self.all:.1%} ({', '.join(f'{share:.1%}' for share in parts)})"


@dataclass(frozen=True)
class StrengthCurve:
    """Style, content and progress at each noise factor, means over the photos, and how steadily they change.

    ``progress``: the perceptual path length from the photo over that to factor 1, P(f). ``calibration_error`` and
    ``largest_error``: mean and largest |P(f) - f| up to factor 1. ``style_falls`` and ``content_rises``: in which steps they
    do, photo by photo; ``mean_style_falls`` and ``mean_content_rises``: of the means over the photos. ``largest_step``: the
    longest step of the path over the mean step, mean over the photos; ``mean_largest_step``: that of their mean path.
    ``position``: where the factor nearest to 0.5 lies straight between the photo, 0, and full style, 1.
    """

    factors: list[float]
    style: list[float]
    content: list[float]
    progress: list[float]
    calibration_error: float
    largest_error: float
    style_falls: Steps
    content_rises: Steps
    mean_style_falls: Steps
    mean_content_rises: Steps
    largest_step: float
    mean_largest_step: float
    position: float
    pixel_blend: PixelBlend

    @property
    def half_way(self) -> float:
        """The progress at the noise factor nearest to 0.5."""
        return min(zip(self.factors, self.progress, strict=True), key=lambda point: abs(point[0] - 0.5))[1]


def measure_curve(network: Network, evaluator: Evaluator, config: EvaluateConfig) -> StrengthCurve:
    """The curve of a network that has strength control, at evenly rising noise factors, 1 among them."""
    assert network.max_noise_factor is not None
    full = round(1 / config.curve_step)  # steps to factor 1
    top = min(MAX_FACTOR, network.max_noise_factor)
    factors = [min(i / full, top) for i in range(round(top * full) + 1)]
    photos = torch.split(evaluator.photos[: config.curve_images], 1)
    paths = [_follow(network, evaluator.loss, photo, factors, config.seed) for photo in photos]
    progress = metrics.progress(torch.tensor([path.moves for path in paths]).T, full)
    errors = [abs(gone - factor) for gone, factor in zip(progress[: full + 1], factors, strict=False)]
    styles = [[point.style for point in path.points] for path in paths]
    contents = [[point.content for point in path.points] for path in paths]
    style, content = _mean(styles), _mean(contents)
    return StrengthCurve(
        factors=factors,
        progress=progress,
        calibration_error=fmean(errors),
        largest_error=max(errors),
        style=style,
        content=content,
        style_falls=_steps([_falling(values) for values in styles], full),
        content_rises=_steps([metrics.rising(values) for values in contents], full),
        mean_style_falls=_steps([_falling(style)], full),
        mean_content_rises=_steps([metrics.rising(content)], full),
        largest_step=fmean([metrics.largest_step([sqrt(move) for move in path.moves]) for path in paths]),
        mean_largest_step=metrics.largest_step([after - before for before, after in pairwise(progress)]),
        position=fmean([path.position for path in paths]),
        pixel_blend=compare_pixel_blend(factors, [path.points for path in paths], [path.blends for path in paths]),
    )


@dataclass(frozen=True)
class _PhotoPath:
    """One photo along the noise factors: its points, the perceptual distances between neighbors, its pixel blends, and where
    half strength lies between photo and full style.
    """

    points: list[Point]
    moves: list[float]
    blends: list[Point]
    position: float


@torch.no_grad()
def _follow(network: Network, loss: PerceptualLoss, photo: Tensor, factors: Sequence[float], seed: int) -> _PhotoPath:
    device = loss.device
    layers = {**loss.style_layers, **loss.content_layers}
    content_features = loss.extract(photo.to(device), layers)
    loss.match(photo.to(device))
    half = min(factors, key=lambda factor: abs(factor - 0.5))
    points, moves, blends, before = [], [], [], None
    at: dict[float, dict[str, Tensor]] = {}  # the features that are needed later
    for factor in factors:
        output = network.stylize(photo, factor, seed).to(device)
        output_features = loss.extract(output, layers)
        points.append(locate(loss, output_features, content_features))
        if before is not None:
            moves.append(metrics.feature_distance(before, output_features))
        before = output_features
        if factor in (half, 1):
            at[factor] = output_features
        if factor == 1:
            blends = blend(loss, photo.to(device), output)
    return _PhotoPath(points, moves, blends, metrics.position(content_features, at[half], at[1]))


def _falling(values: Sequence[float]) -> list[bool]:
    return metrics.rising([-value for value in values])


def _steps(right: Sequence[Sequence[bool]], full: int) -> Steps:
    """The steps of some curves, True for one in the right direction; the first ``full`` lead to factor 1."""
    each = _mean(right)
    beyond = each[full:]
    return Steps(fmean(each), fmean(each[:full]), fmean(beyond) if beyond else None, each)


def _mean(curves: Sequence[Sequence[float]]) -> list[float]:
    """The mean of some curves, point by point."""
    return [fmean(at) for at in zip(*curves, strict=True)]
