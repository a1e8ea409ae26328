"""The perceptual loss: how far an output is from the photo's content and the texture's style, in the features of VGG."""

from __future__ import annotations

from texnet.losses.build import build_loss, resolve_luminance_weight, resolve_statistic, resolve_style_weight
from texnet.losses.perceptual import PerceptualLoss
from texnet.losses.terms import DiversityLoss
from texnet.losses.weights import resolve_features

__all__ = [
    "DiversityLoss",
    "PerceptualLoss",
    "build_loss",
    "resolve_features",
    "resolve_luminance_weight",
    "resolve_statistic",
    "resolve_style_weight",
]
