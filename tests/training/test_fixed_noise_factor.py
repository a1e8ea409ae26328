"""A training for one strength alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.helpers import with_options
from tests.training.helpers import build, fit
from texnet.checkpoint import Checkpoint
from texnet.config import TrainConfig
from texnet.stylize import Stylizer


@pytest.fixture
def config(tiny_config: TrainConfig) -> TrainConfig:
    """The tiny training, for noise factor 0.3 alone."""
    return with_options(tiny_config, "generator", fixed_noise_factor=0.3)


def test_every_picture_is_painted_at_it_with_the_noise_of_a_training_for_all(
    config: TrainConfig, tiny_config: TrainConfig
) -> None:
    photos = torch.zeros(5, 3, 32, 32)
    single, for_all = (build(each).trainer.inputs(0, photos) for each in (config, tiny_config))
    assert torch.equal(single.noise_factor, torch.full((5,), 0.3))
    assert torch.equal(single.noise, for_all.noise) and single.border == for_all.border


def test_its_checkpoint_says_so_is_not_calibrated_and_paints_at_nothing_else(config: TrainConfig, tmp_path: Path) -> None:
    fit(with_options(config, "optim", max_steps=1), tmp_path)
    checkpoint = Checkpoint.load(tmp_path / "style.pt")
    assert checkpoint.generator_config.fixed_noise_factor == 0.3
    assert not checkpoint.calibration.noise_factors
    stylizer, photo = Stylizer.load(tmp_path / "style.pt"), torch.rand(1, 3, 32, 32)
    assert torch.equal(stylizer(photo, 0.0), photo)
    assert not torch.equal(stylizer(photo, 0.3), photo)
    with pytest.raises(ValueError, match=r"--noise_factor 1: trained for 0\.3 alone"):
        stylizer(photo)


def test_it_may_begin_from_a_training_for_all(config: TrainConfig, tiny_config: TrainConfig, tmp_path: Path) -> None:
    fit(with_options(tiny_config, "optim", max_steps=1), tmp_path / "all")
    init = str(tmp_path / "all" / "style.pt")
    begun = build(with_options(config, "optim", init=init)).trainer.generator.state_dict()
    weights = Checkpoint.load(init).weights
    assert all(torch.equal(begun[name], value) for name, value in weights.items())
