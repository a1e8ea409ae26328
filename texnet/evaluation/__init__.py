"""One yardstick for all networks: the same loss, the same photos, the same measures, ours and other projects' alike."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import torch
from torch import Tensor

from texnet import metrics
from texnet.config import EvaluateConfig
from texnet.evaluation.curves import measure_curve
from texnet.evaluation.judging import compare, mean_terms
from texnet.evaluation.optima import Optimum
from texnet.evaluation.painters import Painter, load_painter
from texnet.evaluation.regret import measure_regret
from texnet.evaluation.results import Optimality, Regret, Result
from texnet.evaluation.yardstick import Yardstick, build_yardstick
from texnet.losses import PerceptualLoss
from texnet.monitoring.base import totals

__all__ = ["Yardstick", "build_yardstick", "evaluate"]


def evaluate(path: str, yardstick: Yardstick, config: EvaluateConfig, device: torch.device) -> Result:
    """Measure one network."""
    painter = load_painter(path, device)
    photos = torch.split(yardstick.photos, 1)
    outputs = [painter.paint(photo, config.noise_factor, config.seed) for photo in photos]
    pairs = list(zip(outputs, photos, strict=True))
    terms = [compare(yardstick.loss, output, photo) for output, photo in pairs]
    second = totals(mean_terms([compare(yardstick.second, output, photo) for output, photo in pairs]))
    has_dial = painter.max_noise_factor is not None
    still = [_still_measures(painter, photo, config) for photo in photos]
    return Result(
        name=painter.name,
        path=path,
        terms=totals(mean_terms(terms)),
        style_weight=yardstick.loss.style_weight,
        second={"style": second["style"], "content": second["content"]},
        ssim=fmean([metrics.ssim(output, photo) for output, photo in pairs]),
        distance=fmean([_distance(yardstick.loss, output, photo) for output, photo in pairs]),
        contrast=metrics.contrast_ratio(outputs, yardstick.texture),
        noise_gain=fmean([gain for gain, _ in still]),
        pan=fmean([pan for _, pan in still]),
        seeds=_seeds(painter, photos, outputs, config),
        curve=measure_curve(painter, yardstick, config) if config.curve_images and has_dial else None,
        optimality=_optimality(terms, yardstick) if yardstick.optima else None,
        regret=_regret(path, yardstick, config, device) if yardstick.singles and has_dial else None,
    )


def _still_measures(painter: Painter, photo: Tensor, config: EvaluateConfig) -> tuple[float, float]:
    def paint(image: Tensor) -> Tensor:
        return painter.paint(image, config.noise_factor, config.seed)

    return metrics.noise_gain(paint, photo), metrics.pan_stability(paint, photo)


def _seeds(painter: Painter, photos: Sequence[Tensor], outputs: Sequence[Tensor], config: EvaluateConfig) -> float:
    others = (painter.paint(photo, config.noise_factor, config.seed + 1) for photo in photos)
    return fmean([metrics.seed_difference(output, other) for output, other in zip(outputs, others, strict=True)])


def _regret(path: str, yardstick: Yardstick, config: EvaluateConfig, device: torch.device) -> Regret:
    return measure_regret(path, yardstick.singles, yardstick.loss, yardstick.photos, config.seed, device)


def _optimality(terms: Sequence[dict[str, float]], yardstick: Yardstick) -> Optimality:
    pairs = [(totals(own), optimum) for own, optimum in zip(terms, yardstick.optima, strict=False)]
    return Optimality(
        steps=len(yardstick.optima[0].losses) - 1,
        photos=len(pairs),
        ratio=metrics.geometric_mean([own["loss"] / optimum.loss for own, optimum in pairs]),
        style_ratio=metrics.geometric_mean([own["style"] / optimum.style for own, optimum in pairs]),
        content_ratio=_content_ratio(pairs),
        equivalent_steps=fmean([metrics.equivalent_steps(optimum.losses, own["loss"]) for own, optimum in pairs]),
    )


def _content_ratio(pairs: Sequence[tuple[dict[str, float], Optimum]]) -> float | None:
    if not all(optimum.content for _, optimum in pairs):
        return None  # content weighs nothing, or nothing was painted
    return metrics.geometric_mean([own["content"] / optimum.content for own, optimum in pairs])


@torch.no_grad()
def _distance(loss: PerceptualLoss, output: Tensor, photo: Tensor) -> float:
    device = next(loss.features.parameters()).device
    seen, wanted = (loss.see(image.to(device), loss.style_layers) for image in (output, photo))
    return metrics.feature_distance(seen, wanted)
