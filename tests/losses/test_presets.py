"""Named losses, and layers as words."""

from __future__ import annotations

import dataclasses

import pytest

from texnet.config import FEATURES_NAMES, LossConfig
from texnet.losses.features import Features
from texnet.losses.presets import PRESETS, parse_layers
from texnet.losses.style import STATISTICS

every_preset = pytest.mark.parametrize("name", sorted(PRESETS))


def test_the_flag_offers_every_preset() -> None:
    (preset,) = (item for item in dataclasses.fields(LossConfig) if item.name == "preset")
    assert set(preset.metadata["argparse"]["choices"]) == set(PRESETS)
    assert preset.default in PRESETS


@every_preset
@pytest.mark.parametrize("features", FEATURES_NAMES)
def test_a_preset_works_with_every_network(name: str, features: str) -> None:
    layers = {**PRESETS[name].style_layers, **PRESETS[name].content_layers}
    assert set(Features(features, layers).taps) == set(layers)


@every_preset
def test_a_preset_names_a_statistic_that_exists(name: str) -> None:
    assert PRESETS[name].statistic in STATISTICS


@every_preset
def test_a_presets_weights_are_positive(name: str) -> None:
    preset = PRESETS[name]
    assert min(*preset.style_layers.values(), *preset.content_layers.values(), preset.style_weight) > 0


def test_the_help_says_the_presets_style_weights() -> None:
    (option,) = (item for item in dataclasses.fields(LossConfig) if item.name == "style_weight")
    weights = {name: preset.style_weight for name, preset in PRESETS.items()}
    assert weights == {"texnet": 8, "pyramid": 15, "gatys": 5, "johnson": 5}
    assert option.metadata["help"].endswith("default: the preset's, 8 for texnet, 15 for pyramid, else 5")


def test_a_layer_without_a_weight_weighs_one() -> None:
    assert parse_layers(("relu1_1", "relu2_1=2.5"), "--style_layers") == {"relu1_1": 1.0, "relu2_1": 2.5}


def test_no_words_are_no_layers() -> None:
    assert parse_layers((), "--style_layers") == {}


@pytest.mark.parametrize("word", ["relu1_1=much", "relu1_1=0", "relu1_1=-1", "relu1_1=inf", "relu1_1=nan"])
def test_a_weight_that_is_no_positive_number_is_refused_with_flag_and_word(word: str) -> None:
    with pytest.raises(ValueError, match=f"^--content_layers {word}: .*weight|WEIGHT"):
        parse_layers((word,), "--content_layers")
