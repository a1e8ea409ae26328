"""The options of texnet synthesize."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from texnet.config.device import DeviceConfig, precision_option
from texnet.config.fields import check_seed, option, parse_size, require

SMALLEST_REFINED = 32  # pixels per side that the deepest layers of a loss need


@dataclass(frozen=True)
class SynthesizeConfig:
    """Synthesis."""

    ckpt: str = option(
        "",
        "network trained with --no_content: style.pt or any checkpoint of a run",
        metavar="FILE|NAME",
        is_network=True,
        missing="name a trained network, for example checkpoints/red_peppers/style.pt",
    )
    output: str = option("synthesized", "folder to write into, or a .png file's name", metavar="PATH")
    size: str = option("1024x1024", "width and height in pixels, as large as wanted", metavar="WxH")
    seed: int = option(0, "seed of the noise: another seed, another picture of the texture", metavar="N")
    tileable: bool = option(False, "make opposite edges match, so that the picture repeats without seams")
    refine: int = option(0, "L-BFGS steps on the pixels after the network, with the loss of its training", metavar="N")
    texture: str = option("", "texture picture for --refine; default: the file it was trained on", metavar="FILE")
    vgg_weights: str = option("", "VGG weights for --refine; default: as in training", metavar="FILE")
    overwrite: bool = option(False, "replace an existing file")
    precision: str = precision_option()
    device: DeviceConfig = field(default_factory=DeviceConfig)

    def __post_init__(self) -> None:
        sides = re.fullmatch(r"[1-9]\d{0,5}x[1-9]\d{0,5}", self.size)
        require(bool(sides), f"--size {self.size}: must be WIDTHxHEIGHT, at most 999999 pixels each, such as 2048x1024")
        require(self.refine >= 0, "--refine must not be negative")
        large_enough = not self.refine or min(parse_size(self.size)) >= SMALLEST_REFINED
        require(large_enough, f"--size {self.size}: --refine needs at least {SMALLEST_REFINED} pixels each")
        for name in ("texture", "vgg_weights"):
            require(bool(self.refine) or not getattr(self, name), f"--{name}: is for --refine; leave it out")
        check_seed(self.seed)
