"""Generators: the small networks that repaint a photo in one pass."""

from __future__ import annotations

from texnet.config import GeneratorConfig
from texnet.generators import pyramid, residual, space_to_depth
from texnet.generators.base import Generator

__all__ = ["GENERATORS", "Generator", "build_generator"]

GENERATORS = {
    "residual": (residual.ResidualBody, residual.BYTES_PER_CHANNEL),
    "light": (space_to_depth.SpaceToDepthBody, space_to_depth.BYTES_PER_CHANNEL),
    "pyramid": (pyramid.PyramidBody, pyramid.BYTES_PER_CHANNEL),
}


def build_generator(config: GeneratorConfig) -> Generator:
    """The generator that a config describes, freshly initialized from torch's global random state."""
    body, bytes_per_channel = GENERATORS[config.generator]
    return Generator(
        body(0 if config.no_content else 3, config.noise_channels, config.width, config.num_blocks),
        noise_channels=config.noise_channels,
        bytes_per_pixel=bytes_per_channel * config.width,
        reads_photo=not config.no_content,
    )
