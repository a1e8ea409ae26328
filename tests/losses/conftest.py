"""A perceptual loss on random VGG weights, and pictures to show it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.helpers import CONTENT_LAYERS, STYLE_LAYERS
from tests.losses.helpers import LossMaker
from texnet.drawing import draw_scene
from texnet.images import load_style
from texnet.losses import PerceptualLoss
from texnet.losses.features import Features


@pytest.fixture(scope="session")
def photos() -> Tensor:
    """Four drawn photos, (4, 3, 48, 48)."""
    scenes = [torch.frombuffer(bytearray(draw_scene(48, seed=n).tobytes()), dtype=torch.uint8) for n in range(4)]
    return torch.stack(scenes).view(4, 48, 48, 3).permute(0, 3, 1, 2).float() / 255


@pytest.fixture(scope="session")
def style(style_path: Path) -> Tensor:
    """The style picture, (1, 3, 48, 64)."""
    return load_style(style_path, 0)


@pytest.fixture
def make_loss(vgg_path: Path, photos: Tensor, style: Tensor) -> LossMaker:
    """Makes a loss whose weights are all 1, with the style set and its scales measured on the photos."""

    def make(
        *,
        statistic: str = "gram",
        style_layers: Mapping[str, float] = dict.fromkeys(STYLE_LAYERS, 1.0),
        content_layers: Mapping[str, float] = dict.fromkeys(CONTENT_LAYERS, 1.0),
        luminance_weight: float = 0.0,
        match_colors: bool = False,
        activation_scale: float = 1.0,
        dtype: torch.dtype = torch.float32,
    ) -> PerceptualLoss:
        features = Features("vgg19", {**style_layers, **content_layers})
        state = torch.load(vgg_path, weights_only=True)
        state["features.0.weight"] = state["features.0.weight"] * activation_scale
        features.load_vgg(state, str(vgg_path))
        loss = PerceptualLoss(
            features.to(dtype),
            style_layers=style_layers,
            content_layers=content_layers,
            statistic=statistic,
            style_weight=1.0,
            content_weight=1.0,
            tv_weight=1.0,
            luminance_weight=luminance_weight,
            match_colors=match_colors,
        )
        loss.set_style(style)
        loss.measure_term_norm(photos)
        return loss

    return make
