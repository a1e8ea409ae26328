"""Build the generator that a config describes."""

from __future__ import annotations

from collections.abc import Callable

from texnet.config import GeneratorConfig
from texnet.generators.base import Body, Generator
from texnet.generators.light import LightBody
from texnet.generators.pyramid import PyramidBody
from texnet.generators.residual import ResidualBody

# from channels of photo and noise, width and number of blocks
GENERATORS: dict[str, Callable[[int, int, int, int], Body]] = {
    "residual": ResidualBody,
    "light": LightBody,
    "pyramid": PyramidBody,
}


def build_generator(config: GeneratorConfig, *, keeps_chroma: bool = False) -> Generator:
    """The generator that a config describes, freshly initialized from torch's global random state.

    ``keeps_chroma``: whether its style's colors are matched to each photo's.
    """
    photo_channels = 0 if config.no_content else 3
    body = GENERATORS[config.generator](photo_channels, config.noise_channels, config.width, config.num_blocks)
    return Generator(
        body,
        noise_channels=config.noise_channels,
        bytes_per_pixel=body.bytes_per_channel * config.width,
        reads_photo=not config.no_content,
        keeps_chroma=keeps_chroma,
    )
