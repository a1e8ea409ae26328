"""Measure one network, ours or another project's, by a setup that is the same for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import torch
from torch import Tensor

from texnet import metrics
from texnet.config import EvaluateConfig
from texnet.evaluation.evaluator import mean_terms
from texnet.evaluation.networks import Network, load_network
from texnet.evaluation.optimization_reference import Optimality, compare_with_references
from texnet.evaluation.runs import Regret, measure_regret
from texnet.evaluation.setup import EvalSetup
from texnet.evaluation.strength_curve import StrengthCurve, measure_curve
from texnet.losses import PerceptualLoss
from texnet.monitoring.base import totals

LUMINANCE_SCALE = 16  # pixels to a side: coarser than the 8 that the loss compares


@dataclass(frozen=True)
class NetworkResult:
    """Everything measured of one network. ``terms`` are weighted: per layer, by kind, and the whole ``loss``.

    ``seed_diversity``: how different outputs for a photo from two seeds are, 0 for a network without noise.
    """

    name: str
    path: str
    terms: dict[str, float]
    style_weight: float
    second: dict[str, float]
    ssim: float
    luminance: float
    regions: float
    distance: float
    contrast: list[float]
    sharpness: float
    noise_gain: float
    shift_consistency: float
    seed_diversity: float
    curve: StrengthCurve | None
    optimality: Optimality | None
    regret: Regret | None

    @property
    def style(self) -> float:
        """The style term without its weight: 1 for an untouched photo."""
        return self.terms["style"] / self.style_weight if self.style_weight else 0.0


def evaluate(path: str, setup: EvalSetup, config: EvaluateConfig, device: torch.device) -> NetworkResult:
    """Measure the network of a file."""
    network = load_network(path, device)
    photos = torch.split(setup.photos, 1)
    outputs = [network.stylize(photo, config.noise_factor, config.seed) for photo in photos]
    pairs = list(zip(outputs, photos, strict=True))
    terms = [setup.evaluator.terms(output, photo) for output, photo in pairs]
    second = totals(mean_terms([setup.second.terms(output, photo) for output, photo in pairs]))
    has_strength = network.max_noise_factor is not None
    stability = [_stability(network, photo, config) for photo in photos]
    return NetworkResult(
        name=network.name,
        path=path,
        terms=totals(mean_terms(terms)),
        style_weight=setup.loss.style_weight,
        second={"style": second["style"], "content": second["content"]},
        ssim=fmean([metrics.ssim(output, photo) for output, photo in pairs]),
        luminance=fmean([metrics.luminance_correlation(output, photo, LUMINANCE_SCALE).item() for output, photo in pairs]),
        regions=fmean([metrics.region_variance(output, photo) for output, photo in pairs]),
        distance=fmean([_distance(setup.loss, output, photo) for output, photo in pairs]),
        contrast=metrics.contrast_ratio(outputs, setup.texture),
        sharpness=metrics.sharpness_ratio(outputs, setup.texture),
        noise_gain=fmean([gain for gain, _ in stability]),
        shift_consistency=fmean([consistency for _, consistency in stability]),
        seed_diversity=_seed_diversity(network, photos, outputs, config),
        curve=measure_curve(network, setup.evaluator, config) if config.curve_images and has_strength else None,
        optimality=compare_with_references([totals(each) for each in terms], setup.references) if setup.references else None,
        regret=_regret(path, setup, config, device) if setup.baselines and has_strength else None,
    )


def _stability(network: Network, photo: Tensor, config: EvaluateConfig) -> tuple[float, float]:
    def stylize(image: Tensor) -> Tensor:
        return network.stylize(image, config.noise_factor, config.seed)

    return metrics.noise_gain(stylize, photo), metrics.shift_consistency(stylize, photo)


def _seed_diversity(network: Network, photos: Sequence[Tensor], outputs: Sequence[Tensor], config: EvaluateConfig) -> float:
    others = (network.stylize(photo, config.noise_factor, config.seed + 1) for photo in photos)
    return fmean([metrics.seed_diversity(output, other) for output, other in zip(outputs, others, strict=True)])


def _regret(path: str, setup: EvalSetup, config: EvaluateConfig, device: torch.device) -> Regret:
    return measure_regret(path, setup.baselines, setup.evaluator, config.seed, device)


@torch.no_grad()
def _distance(loss: PerceptualLoss, output: Tensor, photo: Tensor) -> float:
    device = loss.device
    output_features, content_features = (loss.extract(image.to(device), loss.style_layers) for image in (output, photo))
    return metrics.feature_distance(output_features, content_features)
