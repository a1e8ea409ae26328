"""Small real objects that the tests of this folder share."""

from __future__ import annotations

import torch

from tests.helpers import moved_generator
from texnet.config import GeneratorConfig
from texnet.generators import Generator
from texnet.synthesize import Synthesizer

TILE, SAMPLE = 40, 128  # the tile is no multiple of the strides


def make_generator(name: str = "pyramid", num_blocks: int = 2) -> Generator:
    """A small generator for textures whose weights have left their first values."""
    return moved_generator(GeneratorConfig(generator=name, width=12, num_blocks=num_blocks, no_content=True))


def make_synthesizer(
    name: str = "pyramid", num_blocks: int = 2, tile: int = TILE, precision: torch.dtype = torch.float32
) -> Synthesizer:
    """That generator, ready to paint."""
    return Synthesizer(make_generator(name, num_blocks), style="peppers", precision=precision, tile=tile, sample=SAMPLE)
