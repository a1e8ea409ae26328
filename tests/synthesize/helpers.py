"""Small real objects that the tests of this folder share."""

from __future__ import annotations

import torch

from texnet.config import GeneratorConfig
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
