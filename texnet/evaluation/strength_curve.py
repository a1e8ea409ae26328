"""The strength curve: what a network paints as its noise factor rises from 0 through 1 to 2."""

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
from texnet.evaluation.adapters import Network
from texnet.evaluation.pixel_blend_baseline import Point, blend, compare_pixel_blend, locate
from texnet.evaluation.results import Curve, Steps
from texnet.evaluation.setup import EvalSetup
from texnet.losses import PerceptualLoss

MAX_FACTOR = 2.0  # where the strength curve ends


def measure_curve(network: Network, setup: EvalSetup, config: EvaluateConfig) -> Curve:
    """Style, content and how far the picture has moved, at rising noise factors, 1 among them, of a network with a dial."""
    assert network.max_noise_factor is not None
    full = round(1 / config.curve_step)  # steps to factor 1
    top = min(MAX_FACTOR, network.max_noise_factor)
    factors = [min(i / full, top) for i in range(round(top * full) + 1)]
    photos = torch.split(setup.photos[: config.curve_images], 1)
    walks = [_walk(network, setup.loss, photo, factors, config.seed) for photo in photos]
    progress = metrics.progress(torch.tensor([walk.moves for walk in walks]).T, full)
    errors = [abs(gone - factor) for gone, factor in zip(progress[: full + 1], factors, strict=False)]
    styles = [[point.style for point in walk.points] for walk in walks]
    contents = [[point.content for point in walk.points] for walk in walks]
    style, content = _mean(styles), _mean(contents)
    return Curve(
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
        largest_step=fmean([metrics.largest_step([sqrt(move) for move in walk.moves]) for walk in walks]),
        mean_largest_step=metrics.largest_step([after - before for before, after in pairwise(progress)]),
        pixel_blend=compare_pixel_blend(factors, [walk.points for walk in walks], [walk.blends for walk in walks]),
    )


@dataclass(frozen=True)
class _Walk:
    """Along the noise factors, for one photo: where it is, how different neighbors look, and where pixel_blend is instead."""

    points: list[Point]
    moves: list[float]
    blends: list[Point]


@torch.no_grad()
def _walk(network: Network, loss: PerceptualLoss, photo: Tensor, factors: Sequence[float], seed: int) -> _Walk:
    device = loss.device
    layers = {**loss.style_layers, **loss.content_layers}
    content_features = loss.extract(photo.to(device), layers)
    walk, before = _Walk([], [], []), None
    for factor in factors:
        output = network.paint(photo, factor, seed).to(device)
        output_features = loss.extract(output, layers)
        walk.points.append(locate(loss, output_features, content_features))
        if before is not None:
            walk.moves.append(metrics.feature_distance(before, output_features))
        before = output_features
        if factor == 1:
            walk.blends.extend(blend(loss, photo.to(device), output))
    return walk


def _falling(values: Sequence[float]) -> list[bool]:
    return metrics.rising([-value for value in values])


def _steps(right: Sequence[Sequence[bool]], full: int) -> Steps:
    """The steps of some curves of which ``full`` lead to factor 1: True for one that goes the right way."""
    each = _mean(right)
    beyond = each[full:]
    return Steps(fmean(each), fmean(each[:full]), fmean(beyond) if beyond else None, each)


def _mean(curves: Sequence[Sequence[float]]) -> list[float]:
    """The mean of some curves, point by point."""
    return [fmean(at) for at in zip(*curves, strict=True)]
