"""From a LossConfig to a perceptual loss."""

from __future__ import annotations

import torch

from texnet.config import LossConfig
from texnet.errors import UserError
from texnet.losses.features import Features
from texnet.losses.perceptual import PerceptualLoss
from texnet.losses.presets import PRESETS, parse_layers
from texnet.losses.weights import load_vgg_weights, resolve_features


def build_loss(
    config: LossConfig,
    *,
    keep_content: bool = True,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
    kind: type[PerceptualLoss] = PerceptualLoss,
) -> PerceptualLoss:
    """The loss that a config describes, its features on the device in ``dtype``; style and term norm are still to be set.

    ``kind`` is its class. Without ``keep_content`` it has no terms that compare with a photo, as for textures. UserError where
    these should have the colors of photos.
    """
    if config.match_colors and not keep_content:
        raise UserError("--match_colors: a texture has no photo whose colors to match; leave it out")
    config = resolve_features(config)
    preset = PRESETS[config.preset]
    style_layers = parse_layers(config.style_layers, "--style_layers") or preset.style_layers
    content_layers = parse_layers(config.content_layers, "--content_layers") or preset.content_layers
    content_layers = content_layers if keep_content else {}
    features = Features(config.features, {**style_layers, **content_layers}, preset.pooling)
    features.load_vgg(*load_vgg_weights(config.features, config.vgg_weights))
    return kind(
        features.to(device, dtype).to(memory_format=torch.channels_last),
        style_layers=style_layers,
        content_layers=content_layers,
        statistic=resolve_statistic(config),
        style_weight=resolve_style_weight(config),
        content_weight=config.content_weight,
        tv_weight=config.tv_weight,
        luminance_weight=resolve_luminance_weight(config) if keep_content else 0.0,
        match_colors=config.match_colors,
    )


def resolve_statistic(config: LossConfig) -> str:
    """The statistic that was given, or else the preset's."""
    return config.statistic or PRESETS[config.preset].statistic


def resolve_luminance_weight(config: LossConfig) -> float:
    """The luminance weight that was given, 0 included, or else the preset's."""
    return PRESETS[config.preset].luminance_weight if config.luminance_weight is None else config.luminance_weight


def resolve_style_weight(config: LossConfig) -> float:
    """The style weight that was given, 0 included, or else the preset's."""
    return PRESETS[config.preset].style_weight if config.style_weight is None else config.style_weight
