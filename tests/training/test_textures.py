"""A texture is learned from noise alone."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.helpers import with_options
from tests.training.helpers import Diary, build, fit, stop_after
from texnet.checkpoint import Checkpoint
from texnet.config import GENERATOR_NAMES, DataConfig, TrainConfig
from texnet.images import load_picture


@pytest.fixture
def texture_config(tiny_config: TrainConfig) -> TrainConfig:
    """A training of six steps without photos, by a pyramid of two scales."""
    config = replace(tiny_config, data=DataConfig(image_size=32, batch_size=2))
    config = with_options(config, "generator", generator="pyramid", width=12, no_content=True)
    return with_options(config, "optim", epochs=0, max_steps=6)


@pytest.mark.parametrize("generator", GENERATOR_NAMES)
def test_a_texture_is_trained_without_photos_and_without_content(
    texture_config: TrainConfig, tmp_path: Path, generator: str
) -> None:
    diary = Diary()
    config = with_options(texture_config, "generator", generator=generator)
    assert fit(config, tmp_path, monitor=diary).done
    values = diary.records[-1].values
    assert {name.split("/")[0] for name in values} >= {"style", "tv"}
    assert not any(name.startswith("content") for name in values)
    assert Checkpoint.load(tmp_path / "style.pt").generator_config.no_content


def test_it_comes_nearer_to_the_style(texture_config: TrainConfig, tmp_path: Path) -> None:
    config = with_options(texture_config, "optim", max_steps=60, learning_rate=0.01)
    diary = Diary()
    fit(config, tmp_path, monitor=diary)
    styles = [record.values["style"] for record in diary.records]
    assert math.fsum(styles[-5:]) < 0.7 * math.fsum(styles[:5])


@pytest.mark.slow
def test_the_canvases_have_sides_that_the_network_can_halve(texture_config: TrainConfig, tmp_path: Path) -> None:
    config = with_options(with_options(texture_config, "generator", num_blocks=5), "data", image_size=50)
    diary = Diary()
    fit(config, tmp_path, monitor=diary)
    assert {record.values["crop_size"] for record in diary.records} == {64.0}


def test_every_picture_has_full_strength(texture_config: TrainConfig) -> None:
    inputs = build(texture_config).trainer.inputs(0, torch.zeros(6, 3, 32, 32))
    assert torch.equal(inputs.noise_factor, torch.ones(6))


def test_a_continued_run_has_the_losses_of_an_uninterrupted_one(texture_config: TrainConfig, tmp_path: Path) -> None:
    whole, parts = Diary(), Diary()
    fit(texture_config, tmp_path / "whole", monitor=whole)
    fit(texture_config, tmp_path / "profile", monitor=parts, stop_requested=stop_after(3))
    fit(texture_config, tmp_path / "profile", monitor=parts, resume_from=tmp_path / "profile" / "latest.pt")
    assert parts.losses == whole.losses


def test_its_preview_is_four_pictures_from_four_seeds(texture_config: TrainConfig, tmp_path: Path) -> None:
    fit(texture_config, tmp_path)
    preview = load_picture(tmp_path / "previews" / "step-000006.png").pixels
    assert preview.shape == (3, 32, 4 * 32)
    assert not torch.equal(preview[..., :32], preview[..., 32:64])
    assert not (tmp_path / "photos.png").exists()


def test_its_diversity_term_compares_the_whole_batch(texture_config: TrainConfig, tmp_path: Path) -> None:
    config = with_options(with_options(texture_config, "loss", diversity_weight=1.0), "data", batch_size=4)
    diary = Diary()
    diversity = build(config).trainer.step.diversity
    assert diversity is not None and diversity.copies == 4
    fit(config, tmp_path, monitor=diary)
    assert "diversity" in diary.records[0].values
