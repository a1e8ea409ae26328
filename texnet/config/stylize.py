"""The options of texnet stylize."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from texnet.config.device import DeviceConfig, precision_option
from texnet.config.fields import check_seed, number, option, require

NAME_A_NETWORK = "name a trained network, for example checkpoints/mosaic/style.pt"


@dataclass(frozen=True)
class StylizeConfig:
    """Stylizing."""

    ckpt: str = option("", "trained network: style.pt or any checkpoint of a run", metavar="FILE", missing=NAME_A_NETWORK)
    output: str = option("stylized", "folder to write into, or a file's name for a single picture", metavar="PATH")
    noise_factor: tuple[float, ...] = option(
        (1.0,),
        "style strength: 0 the photo itself, 1 the trained style, above 1 stronger; several values make a strip",
        nargs="+",
        type=number,
        metavar="F",
    )
    mask: str = option(
        "",
        "gray picture that says where to paint: it multiplies the noise factor, black keeps the photo, white has all of it",
        metavar="FILE",
    )
    seed: int = option(0, "seed of the noise: another seed, other strokes", metavar="N")
    max_size: int = option(0, "reduce larger pictures to this long side, pixels; 0 = keep their size", metavar="PX")
    refine: int = option(0, "L-BFGS steps on the pixels after the network, with the loss of its training", metavar="N")
    texture: str = option("", "style picture for --refine; default: the file it was trained on", metavar="FILE")
    vgg_weights: str = option("", "VGG weights for --refine; default: as in training", metavar="FILE")
    overwrite: bool = option(False, "replace existing files")
    precision: str = precision_option()
    device: DeviceConfig = field(default_factory=DeviceConfig)

    def __post_init__(self) -> None:
        require(all(0 <= factor < math.inf for factor in self.noise_factor), "--noise_factor must be numbers, none negative")
        check_seed(self.seed)
        require(self.max_size == 0 or self.max_size >= 16, "--max_size must be 0 or at least 16 pixels")
        require(self.refine >= 0, "--refine must not be negative")
