"""Networks to evaluate, of ours and of others, and a setup that takes a moment."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.evaluation.helpers import make_loss_config, save_network, save_transformer_net, setup_for
from texnet.config import EvaluateConfig, LossConfig
from texnet.evaluation import EvalSetup


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A checkpoint with strength control that was not trained."""
    return save_network(tmp_path_factory.mktemp("red") / "style.pt")


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A network of pytorch/examples that was not trained."""
    return save_transformer_net(tmp_path_factory.mktemp("other") / "mosaic.pth")


@pytest.fixture(scope="session")
def loss_config(style_path: Path, vgg_path: Path) -> LossConfig:
    """A loss with two layers of random weights."""
    return make_loss_config(style_path, vgg_path)


@pytest.fixture(scope="session")
def config(photo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> EvaluateConfig:
    """Three photos of 64 pixels, a curve of four steps on one of them, 12 steps of optimization on two, kept for all tests."""
    return EvaluateConfig(
        data_dir=str(photo_folder),
        max_images=3,
        image_size=64,
        curve_images=1,
        curve_step=0.5,
        optimum_steps=12,
        optimum_images=2,
        cache_dir=str(tmp_path_factory.mktemp("references")),
    )


@pytest.fixture(scope="session")
def setup(config: EvaluateConfig, loss_config: LossConfig) -> EvalSetup:
    """The setup of that config; not to be changed."""
    return setup_for(config, loss_config)


@pytest.fixture(scope="session")
def plain_setup(config: EvaluateConfig, loss_config: LossConfig) -> EvalSetup:
    """A setup without references; not to be changed."""
    return setup_for(replace(config, optimum_steps=0), loss_config)
