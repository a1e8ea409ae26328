"""Generators: the small networks that repaint a photo in one pass."""

from __future__ import annotations

from texnet.config import GeneratorConfig
from texnet.generators.residual import ResidualGenerator

Generator = ResidualGenerator  # what a trainer or a stylizer holds; a union once there are more
GENERATORS = {"residual": ResidualGenerator}


def build_generator(config: GeneratorConfig) -> Generator:
    """The generator that a config describes, freshly initialised from torch's global random state."""
    return GENERATORS[config.generator](config.width, config.num_blocks, config.noise_channels)
