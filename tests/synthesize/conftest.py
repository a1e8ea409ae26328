"""Generators of textures that nobody trained, as checkpoints and ready to paint."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from texnet.checkpoint import save_checkpoint
from texnet.config import GeneratorConfig, TrainConfig, to_dict
from texnet.generators import Generator, build_generator
from texnet.synthesize import Synthesizer

TILE, SAMPLE = 40, 128  # the tile is no multiple of the strides


def make_generator(name: str = "pyramid", num_blocks: int = 2) -> Generator:
    """A small generator for textures whose weights have left their first values."""
    torch.manual_seed(0)
    config = GeneratorConfig(generator=name, width=12, num_blocks=num_blocks, no_content=True)
    generator = build_generator(config)
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return generator


def make_synthesizer(
    name: str = "pyramid", num_blocks: int = 2, tile: int = TILE, precision: torch.dtype = torch.float32
) -> Synthesizer:
    """That generator, ready to paint."""
    return Synthesizer(make_generator(name, num_blocks), style="peppers", precision=precision, tile=tile, sample=SAMPLE)


@pytest.fixture(scope="session")
def synthesizer() -> Synthesizer:
    """A pyramid of three scales in tiles of 40 pixels."""
    return make_synthesizer()


@pytest.fixture(scope="session")
def texture_ckpt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of such a pyramid."""
    generator = make_generator()
    config = TrainConfig(generator=GeneratorConfig(generator="pyramid", width=12, num_blocks=2, no_content=True))
    path = tmp_path_factory.mktemp("synthesize") / "style.pt"
    save_checkpoint(path, {"config": to_dict(config), "styles": ["peppers"], "ema": generator.state_dict()})
    return path
