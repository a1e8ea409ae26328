"""One yardstick for all networks: the same loss, the same photos, the same measures, ours and other projects' alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from texnet import metrics
from texnet.config import EvaluateConfig
from texnet.evaluation.painters import Painter, load_painter
from texnet.evaluation.results import Curve, Optimality, Result
from texnet.evaluation.yardstick import Yardstick, build_yardstick, compare
from texnet.losses import PerceptualLoss
from texnet.monitoring.base import totals

__all__ = ["Yardstick", "build_yardstick", "evaluate"]

MAX_FACTOR = 2.0  # where the strength curve ends


def evaluate(path: str, yardstick: Yardstick, config: EvaluateConfig, device: torch.device) -> Result:
    """Measure one network."""
    painter = load_painter(path, device)
    photos = torch.split(yardstick.photos, 1)
    outputs = [painter.paint(photo, config.noise_factor, config.seed) for photo in photos]
    pairs = list(zip(outputs, photos, strict=True))
    terms = [compare(yardstick.loss, output, photo) for output, photo in pairs]
    second = totals(_mean([compare(yardstick.second, output, photo) for output, photo in pairs]))
    still = [_still_measures(painter, photo, config) for photo in photos]
    return Result(
        name=painter.name,
        path=path,
        terms=totals(_mean(terms)),
        style_weight=yardstick.loss.style_weight,
        second={"style": second["style"], "content": second["content"]},
        ssim=_average([metrics.ssim(output, photo) for output, photo in pairs]),
        distance=_average([_distance(yardstick.loss, output, photo) for output, photo in pairs]),
        contrast=metrics.contrast_ratio(outputs, yardstick.texture),
        noise_gain=_average([gain for gain, _ in still]),
        pan=_average([pan for _, pan in still]),
        curve=_curve(painter, yardstick, config) if config.curve_images and painter.max_noise_factor else None,
        optimality=_optimality(terms, yardstick) if yardstick.optima else None,
    )


def _still_measures(painter: Painter, photo: Tensor, config: EvaluateConfig) -> tuple[float, float]:
    def paint(image: Tensor) -> Tensor:
        return painter.paint(image, config.noise_factor, config.seed)

    return metrics.noise_gain(paint, photo), metrics.pan_stability(paint, photo)


def _curve(painter: Painter, yardstick: Yardstick, config: EvaluateConfig) -> Curve:
    """Style, content and how far the picture has moved, at rising noise factors, 1 among them; means over the photos."""
    assert painter.max_noise_factor is not None
    full = round(1 / config.curve_step)  # steps to factor 1
    top = min(MAX_FACTOR, painter.max_noise_factor)
    factors = [min(i / full, top) for i in range(round(top * full) + 1)]
    photos = torch.split(yardstick.photos[: config.curve_images], 1)
    walks = [_walk(painter, yardstick.loss, photo, factors, config) for photo in photos]
    progress = metrics.progress(torch.tensor([walk.moves for walk in walks]).T, full)
    errors = [abs(gone - factor) for gone, factor in zip(progress[: full + 1], factors, strict=False)]
    return Curve(
        factors=factors,
        progress=progress,
        calibration_error=_average(errors),
        largest_error=max(errors),
        style=[_average(list(at)) for at in zip(*(walk.style for walk in walks), strict=True)],
        content=[_average(list(at)) for at in zip(*(walk.content for walk in walks), strict=True)],
        style_falls=_average([metrics.share_rising([-value for value in walk.style]) for walk in walks]),
        content_rises=_average([metrics.share_rising(walk.content) for walk in walks]),
        largest_step=_average([metrics.largest_step(walk.moves) for walk in walks]),
    )


@dataclass(frozen=True)
class _Walk:
    """Along the noise factors, for one photo: style and content, and how different neighbours look."""

    style: list[float]
    content: list[float]
    moves: list[float]


@torch.no_grad()
def _walk(painter: Painter, loss: PerceptualLoss, photo: Tensor, factors: Sequence[float], config: EvaluateConfig) -> _Walk:
    device = next(loss.features.parameters()).device
    layers = {**loss.style_layers, **loss.content_layers}
    wanted = loss.see(photo.to(device), layers)
    walk, before = _Walk([], [], []), None
    for factor in factors:
        output = painter.paint(photo, factor, config.seed).to(device)
        seen = loss.see(output, layers)
        style, content = loss.distances(seen, wanted)
        walk.style.append(style.item())
        walk.content.append(content.item())
        if before is not None:
            walk.moves.append(metrics.feature_distance(before, seen))
        before = seen
    return walk


def _optimality(terms: Sequence[dict[str, float]], yardstick: Yardstick) -> Optimality:
    pairs = [(totals(own), optimum) for own, optimum in zip(terms, yardstick.optima, strict=False)]
    return Optimality(
        steps=len(yardstick.optima[0].losses) - 1,
        photos=len(pairs),
        ratio=metrics.geometric_mean([own["loss"] / optimum.loss for own, optimum in pairs]),
        style_ratio=metrics.geometric_mean([own["style"] / optimum.style for own, optimum in pairs]),
        content_ratio=metrics.geometric_mean([own["content"] / optimum.content for own, optimum in pairs]),
        equivalent_steps=_average([metrics.equivalent_steps(optimum.losses, own["loss"]) for own, optimum in pairs]),
    )


@torch.no_grad()
def _distance(loss: PerceptualLoss, output: Tensor, photo: Tensor) -> float:
    device = next(loss.features.parameters()).device
    seen, wanted = (loss.see(image.to(device), loss.style_layers) for image in (output, photo))
    return metrics.feature_distance(seen, wanted)


def _mean(terms: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: _average([each[name] for each in terms]) for name in terms[0]}


def _average(values: Sequence[float]) -> float:
    return sum(values) / len(values)
