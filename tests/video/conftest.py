"""A small generator that nobody trained, as a checkpoint and ready to paint."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers import moved_generator
from texnet.checkpoint import Checkpoint
from texnet.config import GeneratorConfig
from texnet.stylize import Stylizer


@pytest.fixture(scope="session")
def ckpt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint whose weights have left their first values."""
    config = GeneratorConfig(width=4, num_blocks=1)
    generator = moved_generator(config)
    path = tmp_path_factory.mktemp("video") / "style.pt"
    Checkpoint(config, generator.state_dict(), ("mosaic",)).save(path)
    return path


@pytest.fixture(scope="session")
def stylizer(ckpt: Path) -> Stylizer:
    """The stylizer of that checkpoint."""
    return Stylizer.load(ckpt)
