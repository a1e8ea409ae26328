"""The perceptual loss: how far an output is from the photo's content and the texture's style, seen through VGG."""

from __future__ import annotations

import torch

from texnet.config import LossConfig
from texnet.losses.diversity import DiversityLoss
from texnet.losses.features import Features
from texnet.losses.perceptual import PerceptualLoss
from texnet.losses.presets import PRESETS, parse_layers
from texnet.losses.weights import load_vgg_weights, resolve_features
from texnet.strength import strength_weights

__all__ = ["DiversityLoss", "PerceptualLoss", "build_loss", "resolve_features", "strength_weights"]


def build_loss(
    config: LossConfig,
    *,
    keep_content: bool = True,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> PerceptualLoss:
    """The loss that a config describes, its features on the device in ``dtype``; style and scales are still to be set.

    Without ``keep_content`` it has no content terms: a texture's.
    """
    config = resolve_features(config)
    preset = PRESETS[config.preset]
    style_layers = parse_layers(config.style_layers, "--style_layers") or preset.style_layers
    content_layers = parse_layers(config.content_layers, "--content_layers") or preset.content_layers
    content_layers = content_layers if keep_content else {}
    features = Features(config.features, {**style_layers, **content_layers}, preset.pooling)
    features.load_vgg(*load_vgg_weights(config.features, config.vgg_weights))
    return PerceptualLoss(
        features.to(device, dtype).to(memory_format=torch.channels_last),
        style_layers=style_layers,
        content_layers=content_layers,
        statistic=config.statistic or preset.statistic,
        style_weight=config.style_weight or preset.style_weight,
        content_weight=config.content_weight,
        tv_weight=config.tv_weight,
    )
