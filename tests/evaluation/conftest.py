"""Networks to judge, of ours and of others, and a setup that takes a moment."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.evaluation.helpers import CPU
from texnet.checkpoint import Checkpoint
from texnet.config import EvaluateConfig, GeneratorConfig, LossConfig
from texnet.evaluation import EvalSetup, build_setup
from texnet.fast_neural_style import TransformerNet
from texnet.generators import build_generator


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of a generator that nobody trained."""
    torch.manual_seed(0)
    config = GeneratorConfig(width=4, num_blocks=1)
    path = tmp_path_factory.mktemp("red") / "style.pt"
    Checkpoint(config, build_generator(config).state_dict(), ("red",)).save(path)
    return path


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state dict of a network of pytorch/examples that nobody trained."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("other") / "mosaic.pth"
    torch.save(TransformerNet().state_dict(), path)
    return path


@pytest.fixture(scope="session")
def loss_config(style_path: Path, vgg_path: Path) -> LossConfig:
    """A loss that looks through two layers of random weights."""
    layers = {"style_layers": ("relu1_1", "relu2_1"), "content_layers": ("relu2_1",)}
    return LossConfig(texture=str(style_path), style_size=0, vgg_weights=str(vgg_path), **layers)  # type: ignore[arg-type]


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


@pytest.fixture
def setup(config: EvaluateConfig, loss_config: LossConfig) -> EvalSetup:
    """The setup of that config."""
    return build_setup(config, loss_config, CPU, on_unreadable=pytest.fail)
