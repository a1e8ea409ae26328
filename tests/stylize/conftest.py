"""A generator that nobody trained, as a checkpoint and ready to paint."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.helpers import moved_generator
from tests.stylize.helpers import MAX_NOISE_FACTOR
from texnet.checkpoint import Checkpoint
from texnet.config import GeneratorConfig
from texnet.stylize import Stylizer


@pytest.fixture(scope="session")
def ckpt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint that goes up to factor 1.5; its weights have left their first values."""
    config = GeneratorConfig(width=4, num_blocks=1, max_noise_factor=MAX_NOISE_FACTOR)
    generator = moved_generator(config)
    path = tmp_path_factory.mktemp("stylizer") / "style.pt"
    Checkpoint(config, generator.state_dict(), ("mosaic",)).save(path)
    return path


@pytest.fixture
def stylizer(ckpt: Path) -> Stylizer:
    """The stylizer of that checkpoint."""
    return Stylizer.load(ckpt)


@pytest.fixture
def rounding_stylizer(ckpt: Path) -> Stylizer:
    """The same in bfloat16."""
    return Stylizer.load(ckpt, precision=torch.bfloat16)
