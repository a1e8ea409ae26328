"""Generators of textures that nobody trained, as checkpoints and ready to paint."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.synthesize.helpers import make_generator, make_synthesizer
from texnet.checkpoint import Checkpoint
from texnet.config import GeneratorConfig
from texnet.synthesize import Synthesizer


@pytest.fixture(scope="session")
def synthesizer() -> Synthesizer:
    """A pyramid of three scales in tiles of 40 pixels."""
    return make_synthesizer()


@pytest.fixture(scope="session")
def texture_ckpt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of such a pyramid."""
    generator = make_generator()
    config = GeneratorConfig(generator="pyramid", width=12, num_blocks=2, no_content=True)
    path = tmp_path_factory.mktemp("synthesize") / "style.pt"
    Checkpoint(config, generator.state_dict(), ("peppers",)).save(path)
    return path
