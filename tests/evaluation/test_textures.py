"""Networks that make a texture: likeness, diversity, seams."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
import torch

from tests.evaluation.helpers import CPU, save_texture_network
from texnet import metrics
from texnet.config import EvaluateConfig, LossConfig
from texnet.evaluation.textures import (
    TextureEvalSetup,
    build_texture_setup,
    evaluate_texture,
    is_texture,
    mean_distance,
)
from texnet.images import to_float
from texnet.synthesize import Synthesizer


@pytest.fixture(scope="module")
def texture_ckpt(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A pyramid of three scales that was not trained."""
    return save_texture_network(tmp_path_factory.mktemp("peppers") / "style.pt")


@pytest.fixture(scope="module")
def texture_config(config: EvaluateConfig) -> EvaluateConfig:
    """Three seeds, two of which are optimized as well."""
    return replace(config, data_dir="", num_seeds=3)


@pytest.fixture(scope="module")
def texture_setup(texture_config: EvaluateConfig, loss_config: LossConfig) -> TextureEvalSetup:
    """The setup of that config; not to be changed."""
    return build_texture_setup(texture_config, loss_config, CPU)


def test_the_distance_of_pictures_is_the_mean_root_of_their_feature_distances(texture_setup: TextureEvalSetup) -> None:
    loss = texture_setup.loss
    pictures = list(torch.rand(3, 1, 3, 24, 24))
    features = [loss.extract(picture, loss.style_layers) for picture in pictures]
    roots = [metrics.feature_distance(a, b) ** 0.5 for a, b in combinations(features, 2)]
    assert mean_distance(loss, pictures) == pytest.approx(sum(roots) / 3)
    assert mean_distance(loss, [pictures[0]] * 3) == pytest.approx(0, abs=1e-3)


def test_crops_of_the_texture_are_small_enough_to_differ(texture_setup: TextureEvalSetup) -> None:
    assert texture_setup.crop == 24  # half of the style picture's 48 pixels
    assert texture_setup.crop_distance > 0


def test_optimizing_noise_comes_nearer_to_the_texture(texture_setup: TextureEvalSetup) -> None:
    assert len(texture_setup.references) == 2
    for reference in texture_setup.references:
        assert reference.loss < 0.5 * reference.losses[0]
        assert reference.content == 0


def test_what_is_measured_of_a_network_is_what_defines_it(
    texture_ckpt: str, texture_setup: TextureEvalSetup, texture_config: EvaluateConfig
) -> None:
    result = evaluate_texture(texture_ckpt, texture_setup, texture_config, CPU)
    loss, synthesize = texture_setup.loss, Synthesizer.load(texture_ckpt)
    features = [loss.extract(to_float(synthesize((64, 64), seed)[None]), loss.style_layers) for seed in range(3)]
    styles = [sum(w * loss.style_distance(x, at[x]).item() for x, w in loss.style_layers.items()) for at in features]
    assert result.styles == pytest.approx(styles, rel=1e-4)
    ratios = [style / reference for style, reference in zip(styles, result.optimum_styles, strict=False)]
    assert result.style_ratio == pytest.approx(metrics.geometric_mean(ratios), rel=1e-4)
    tiles = [to_float(synthesize((64, 64), seed, tileable=True)[None]) for seed in range(3)]
    assert result.seam == pytest.approx(sum(map(metrics.seam, tiles)) / 3)
    assert result.seed_distance > 0


def test_tileable_pictures_have_less_of_a_seam_than_others(texture_ckpt: str) -> None:
    synthesize = Synthesizer.load(texture_ckpt)
    tiling, plain = (metrics.seam(to_float(synthesize((64, 64), 0, tileable=tileable)[None])) for tileable in (True, False))
    assert tiling < plain


def test_networks_for_textures_are_told_from_those_for_photos(
    texture_ckpt: str, network: str, other: str, tmp_path: Path
) -> None:
    assert [is_texture(path) for path in (texture_ckpt, network, other)] == [True, False, False]
    with pytest.raises(FileNotFoundError):
        is_texture(str(tmp_path / "none.pt"))
