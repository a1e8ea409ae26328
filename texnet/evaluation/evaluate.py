"""One setup for all networks: the same loss, the same photos, the same measures, ours and other projects' alike."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import torch
from torch import Tensor

from texnet import metrics
from texnet.config import EvaluateConfig
from texnet.evaluation.adapters import Network, load_network
from texnet.evaluation.optimization_reference import OptimizationReference
from texnet.evaluation.regret import measure_regret
from texnet.evaluation.results import NetworkResult, Optimality, Regret
from texnet.evaluation.scoring import compare, mean_terms
from texnet.evaluation.setup import EvalSetup, build_setup
from texnet.evaluation.strength_curve import measure_curve
from texnet.losses import PerceptualLoss
from texnet.monitoring.base import totals

__all__ = ["EvalSetup", "build_setup", "evaluate"]


def evaluate(path: str, setup: EvalSetup, config: EvaluateConfig, device: torch.device) -> NetworkResult:
    """Measure one network."""
    network = load_network(path, device)
    photos = torch.split(setup.photos, 1)
    outputs = [network.paint(photo, config.noise_factor, config.seed) for photo in photos]
    pairs = list(zip(outputs, photos, strict=True))
    terms = [compare(setup.loss, output, photo) for output, photo in pairs]
    second = totals(mean_terms([compare(setup.second, output, photo) for output, photo in pairs]))
    has_dial = network.max_noise_factor is not None
    still = [_still_measures(network, photo, config) for photo in photos]
    return NetworkResult(
        name=network.name,
        path=path,
        terms=totals(mean_terms(terms)),
        style_weight=setup.loss.style_weight,
        second={"style": second["style"], "content": second["content"]},
        ssim=fmean([metrics.ssim(output, photo) for output, photo in pairs]),
        distance=fmean([_distance(setup.loss, output, photo) for output, photo in pairs]),
        contrast=metrics.contrast_ratio(outputs, setup.texture),
        noise_gain=fmean([gain for gain, _ in still]),
        shift_consistency=fmean([shift_consistency for _, shift_consistency in still]),
        seeds=_seeds(network, photos, outputs, config),
        curve=measure_curve(network, setup, config) if config.curve_images and has_dial else None,
        optimality=_optimality(terms, setup) if setup.references else None,
        regret=_regret(path, setup, config, device) if setup.baselines and has_dial else None,
    )


def _still_measures(network: Network, photo: Tensor, config: EvaluateConfig) -> tuple[float, float]:
    def paint(image: Tensor) -> Tensor:
        return network.paint(image, config.noise_factor, config.seed)

    return metrics.noise_gain(paint, photo), metrics.shift_consistency(paint, photo)


def _seeds(network: Network, photos: Sequence[Tensor], outputs: Sequence[Tensor], config: EvaluateConfig) -> float:
    others = (network.paint(photo, config.noise_factor, config.seed + 1) for photo in photos)
    return fmean([metrics.seed_diversity(output, other) for output, other in zip(outputs, others, strict=True)])


def _regret(path: str, setup: EvalSetup, config: EvaluateConfig, device: torch.device) -> Regret:
    return measure_regret(path, setup.baselines, setup.loss, setup.photos, config.seed, device)


def _optimality(terms: Sequence[dict[str, float]], setup: EvalSetup) -> Optimality:
    pairs = [(totals(own), optimum) for own, optimum in zip(terms, setup.references, strict=False)]
    return Optimality(
        steps=len(setup.references[0].losses) - 1,
        photos=len(pairs),
        ratio=metrics.geometric_mean([own["loss"] / optimum.loss for own, optimum in pairs]),
        style_ratio=metrics.geometric_mean([own["style"] / optimum.style for own, optimum in pairs]),
        content_ratio=_content_ratio(pairs),
        equivalent_steps=fmean([metrics.equivalent_steps(optimum.losses, own["loss"]) for own, optimum in pairs]),
    )


def _content_ratio(pairs: Sequence[tuple[dict[str, float], OptimizationReference]]) -> float | None:
    if not all(optimum.content for _, optimum in pairs):
        return None  # content weighs nothing, or nothing was painted
    return metrics.geometric_mean([own["content"] / optimum.content for own, optimum in pairs])


@torch.no_grad()
def _distance(loss: PerceptualLoss, output: Tensor, photo: Tensor) -> float:
    device = loss.device
    output_features, content_features = (loss.extract(image.to(device), loss.style_layers) for image in (output, photo))
    return metrics.feature_distance(output_features, content_features)
