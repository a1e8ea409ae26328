"""From a LossConfig to a loss."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from texnet.config import LossConfig
from texnet.images import load_image
from texnet.losses import build_loss, resolve_style_weight
from texnet.losses.presets import PRESETS
from texnet.losses.style import STATISTICS


@pytest.fixture
def config(vgg_path: Path) -> LossConfig:
    """Layers as deep as the random weights go."""
    return LossConfig(vgg_weights=str(vgg_path), style_layers=("relu1_1", "relu2_1=3"), content_layers=("relu2_1",))


def test_layers_that_are_named_replace_those_of_the_preset(config: LossConfig) -> None:
    loss = build_loss(config)
    assert loss.style_layers == {"relu1_1": 0.25, "relu2_1": 0.75}
    assert loss.content_layers == {"relu2_1": 1.0}


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_what_is_not_named_comes_from_the_preset(config: LossConfig, preset: str) -> None:
    loss = build_loss(replace(config, preset=preset))
    assert loss.style_weight == PRESETS[preset].style_weight
    assert loss.luminance_weight == PRESETS[preset].luminance_weight
    assert loss.statistic is STATISTICS[PRESETS[preset].statistic]
    kinds = {type(module) for module in loss.features.modules()}
    assert (nn.AvgPool2d in kinds, nn.MaxPool2d in kinds) == (preset == "pyramid", preset != "pyramid")


def test_weights_and_statistic_that_are_given_replace_those_of_the_preset(config: LossConfig) -> None:
    given = replace(config, style_weight=7.5, content_weight=0.5, luminance_weight=0.0, tv_weight=0.125, statistic="gram")
    loss = build_loss(given)
    assert (loss.style_weight, loss.content_weight, loss.luminance_weight, loss.tv_weight) == (7.5, 0.5, 0.0, 0.125)
    assert loss.statistic is STATISTICS["gram"]


def test_a_style_weight_of_zero_is_zero(config: LossConfig) -> None:
    assert build_loss(replace(config, style_weight=0.0)).style_weight == 0
    assert resolve_style_weight(replace(config, style_weight=0.0)) == 0


def test_hues_alone_are_a_loss_without_any_weights(config: LossConfig, photo_folder: Path) -> None:
    loss = build_loss(replace(config, style_layers=("hues",)), keep_content=False)
    assert list(loss.features.parameters()) == []
    photo = load_image(photo_folder / "photo-0.png")
    loss.set_style(photo)
    loss.measure_term_norm(load_image(photo_folder / "photo-2.png"))
    (style,) = (term.item() for name, term in loss(photo, photo, *torch.ones(2, 1)).items() if name.startswith("style"))
    assert style == pytest.approx(0, abs=1e-6)


def test_the_features_have_the_number_format_that_is_asked_for(config: LossConfig) -> None:
    loss = build_loss(config, dtype=torch.bfloat16)
    assert {parameter.dtype for parameter in loss.features.parameters()} == {torch.bfloat16}


def test_nothing_of_the_loss_is_trained(config: LossConfig) -> None:
    assert [name for name, parameter in build_loss(config).named_parameters() if parameter.requires_grad] == []


def test_a_file_too_shallow_for_the_layers_is_refused_with_its_name(config: LossConfig, vgg_path: Path) -> None:
    with pytest.raises(ValueError, match=rf"^{vgg_path}: no weights for conv2_2 of vgg19"):
        build_loss(replace(config, content_layers=("relu4_2",)))


def test_a_texture_has_no_terms_that_compare_with_a_photo(config: LossConfig) -> None:
    loss = build_loss(config, keep_content=False)
    assert (loss.content_layers, loss.luminance_weight) == ({}, 0.0)
    assert build_loss(config).luminance_weight > 0
