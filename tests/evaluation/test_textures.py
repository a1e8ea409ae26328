"""Networks that make a texture: likeness, variety, seams."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
import torch

from tests.evaluation.helpers import CPU
from tests.evaluation.test_command import run
from tests.synthesize.helpers import make_generator
from texnet import metrics
from texnet.checkpoint import Checkpoint
from texnet.config import EvaluateConfig, GeneratorConfig, LossConfig
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
def texture_ckpt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pyramid of three scales that nobody trained."""
    config = GeneratorConfig(generator="pyramid", width=12, num_blocks=2, no_content=True)
    path = tmp_path_factory.mktemp("peppers") / "style.pt"
    Checkpoint(config, make_generator().state_dict(), ("peppers",)).save(path)
    return path


@pytest.fixture
def texture_config(config: EvaluateConfig) -> EvaluateConfig:
    """Three seeds, two of which are optimized as well."""
    return replace(config, data_dir="", num_seeds=3)


@pytest.fixture
def texture_setup(texture_config: EvaluateConfig, loss_config: LossConfig) -> TextureEvalSetup:
    """The setup of that config."""
    return build_texture_setup(texture_config, loss_config, CPU)


def test_pictures_are_as_far_apart_as_the_roots_of_their_feature_distances(texture_setup: TextureEvalSetup) -> None:
    loss = texture_setup.loss
    pictures = list(torch.rand(3, 1, 3, 24, 24))
    seen = [loss.extract(picture, loss.style_layers) for picture in pictures]
    roots = [metrics.feature_distance(a, b) ** 0.5 for a, b in combinations(seen, 2)]
    assert mean_distance(loss, pictures) == pytest.approx(sum(roots) / 3)
    assert mean_distance(loss, [pictures[0]] * 3) == pytest.approx(0, abs=1e-3)


def test_crops_of_the_texture_are_small_enough_to_differ(texture_setup: TextureEvalSetup) -> None:
    assert texture_setup.crop == 24  # half of the style picture's 48 pixels
    assert texture_setup.crop_distance > 0


def test_optimizing_noise_comes_nearer_to_the_texture(texture_setup: TextureEvalSetup) -> None:
    assert len(texture_setup.references) == 2
    for optimum in texture_setup.references:
        assert optimum.loss < 0.5 * optimum.losses[0]
        assert optimum.content == 0


def test_what_is_measured_of_a_network_is_what_defines_it(
    texture_ckpt: Path, texture_setup: TextureEvalSetup, texture_config: EvaluateConfig
) -> None:
    result = evaluate_texture(str(texture_ckpt), texture_setup, texture_config, CPU)
    loss, paint = texture_setup.loss, Synthesizer.load(texture_ckpt)
    seen = [loss.extract(to_float(paint((64, 64), seed)[None]), loss.style_layers) for seed in range(3)]
    styles = [sum(s * loss.style_distance(x, at[x]).item() for x, s in loss.style_layers.items()) for at in seen]
    assert result.styles == pytest.approx(styles, rel=1e-4)
    ratios = [style / optimum for style, optimum in zip(styles, result.optimum_styles, strict=False)]
    assert result.style_ratio == pytest.approx(metrics.geometric_mean(ratios), rel=1e-4)
    tiles = [to_float(paint((64, 64), seed, tileable=True)[None]) for seed in range(3)]
    assert result.seam == pytest.approx(sum(map(metrics.seam, tiles)) / 3)
    assert result.seed_distance > 0


def test_what_tiles_has_less_of_a_seam_than_what_does_not(texture_ckpt: Path) -> None:
    paint = Synthesizer.load(texture_ckpt)
    tiling, plain = (metrics.seam(to_float(paint((64, 64), 0, tileable=tileable)[None])) for tileable in (True, False))
    assert tiling < plain


@pytest.fixture
def arguments(loss_config: LossConfig, tmp_path: Path) -> list[object]:
    return [
        *("--texture", loss_config.texture, "--vgg_weights", loss_config.vgg_weights, "--style_size", 0),
        *(
            "--style_layers",
            *loss_config.style_layers,
            "--image_size",
            64,
            "--num_seeds",
            2,
            "--cache_dir",
            tmp_path / "references",
        ),
        *("--device", "cpu", "--output", tmp_path / "out"),
    ]


def test_the_command_tells_them_from_networks_for_photos(
    texture_ckpt: Path, network: Path, other: Path, arguments: list[object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [is_texture(str(path)) for path in (texture_ckpt, network, other)] == [True, False, False]
    assert run("--ckpt", texture_ckpt, *arguments, "--optimum_steps", 3) == 0
    (texture,) = json.loads((tmp_path / "out" / "evaluation.json").read_text())["textures"]
    assert len(texture["styles"]) == len(texture["optimum_styles"]) == 2
    table = (tmp_path / "out" / "evaluation.md").read_text()
    assert f"{texture['style_ratio']:.2f}" in table and f"{texture['seam']:.2f}" in table
    assert table in capsys.readouterr().out
    assert run("--ckpt", texture_ckpt, network, *arguments) == 2
    assert "measured apart; give one kind" in capsys.readouterr().err
