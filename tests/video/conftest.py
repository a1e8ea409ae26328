"""A small generator that nobody trained, as a checkpoint and ready to paint."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from texnet.checkpoint import Checkpoint
from texnet.config import GeneratorConfig
from texnet.generators import build_generator
from texnet.stylize import Stylizer


@pytest.fixture(scope="session")
def ckpt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint whose weights have left their first values."""
    torch.manual_seed(0)
    config = GeneratorConfig(width=4, num_blocks=1)
    generator = build_generator(config)
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    path = tmp_path_factory.mktemp("video") / "style.pt"
    Checkpoint(config, generator.state_dict(), ("mosaic",)).save(path)
    return path


@pytest.fixture(scope="session")
def stylizer(ckpt: Path) -> Stylizer:
    """The stylizer of that checkpoint."""
    return Stylizer.load(ckpt)
