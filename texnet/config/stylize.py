"""The options of the commands that make pictures."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from texnet.config.fields import PRECISION_NAMES, SEEDS, check_device, number_or_file, option, parse_size, require

OPTIMIZER_NAMES = ("lbfgs", "adam")
SMALLEST_REFINED = 32  # pixels to a side that the deepest layers of a loss can see


@dataclass(frozen=True)
class StylizeConfig:
    """How to repaint."""

    ckpt: str = option("", "trained network: style.pt or any checkpoint of a run", metavar="FILE")
    output: str = option("stylized", "folder to write into, or a file's name for a single picture", metavar="PATH")
    noise_factor: tuple[float | str, ...] = option(
        (1.0,),
        "strength of the style: 0 the photo itself, 1 the trained style, above 1 stronger; a gray picture says it for every "
        "pixel; several make a strip",
        nargs="+",
        type=number_or_file,
        metavar="F|FILE",
    )
    seed: int = option(0, "seed of the noise: another seed, other strokes", metavar="N")
    max_size: int = option(0, "reduce larger pictures to this long side, pixels; 0 = keep their size", metavar="PX")
    refine: int = option(0, "steps of slow optimization after the network, with the loss it was trained with", metavar="N")
    texture: str = option("", "the style picture, for --refine; default: the file it was trained on", metavar="FILE")
    vgg_weights: str = option("", "weights of the loss's network, for --refine; default: as in training", metavar="FILE")
    overwrite: bool = option(False, "replace files that exist")
    device: str = option("", "cpu, cuda, mps or xpu; default: the best one present", metavar="NAME")
    cuda: bool = option(False, "short for --device cuda")
    precision: str = option("auto", "number format of the network's convolutions", choices=PRECISION_NAMES)

    def __post_init__(self) -> None:
        numbers = [factor for factor in self.noise_factor if not isinstance(factor, str)]
        require(all(0 <= factor < math.inf for factor in numbers), "--noise_factor must be numbers, none negative")
        require(self.seed in SEEDS, "--seed must be between 0 and 2^63 - 1")
        require(self.max_size == 0 or self.max_size >= 16, "--max_size must be 0 or at least 16 pixels")
        require(self.refine >= 0, "--refine must not be negative")
        check_device(self.device, self.cuda)


@dataclass(frozen=True)
class SynthesizeConfig:
    """How much of a texture to make."""

    ckpt: str = option("", "network trained with --no_content: style.pt or any checkpoint of a run", metavar="FILE")
    output: str = option("synthesized", "folder to write into, or a .png file's name", metavar="PATH")
    size: str = option("1024x1024", "pixels to make, as many as wanted", metavar="WxH")
    seed: int = option(0, "seed of the noise: another seed, another picture of the texture", metavar="N")
    tileable: bool = option(False, "let opposite edges match, so that the picture can be repeated without seams")
    refine: int = option(0, "steps of slow optimization after the network, with the loss it was trained with", metavar="N")
    texture: str = option("", "the picture of the texture, for --refine; default: the file it was trained on", metavar="FILE")
    vgg_weights: str = option("", "weights of the loss's network, for --refine; default: as in training", metavar="FILE")
    overwrite: bool = option(False, "replace a file that exists")
    device: str = option("", "cpu, cuda, mps or xpu; default: the best one present", metavar="NAME")
    cuda: bool = option(False, "short for --device cuda")
    precision: str = option("auto", "number format of the network's convolutions", choices=PRECISION_NAMES)

    def __post_init__(self) -> None:
        sides = re.fullmatch(r"[1-9]\d{0,5}x[1-9]\d{0,5}", self.size)
        require(bool(sides), f"--size {self.size}: must be WIDTHxHEIGHT, at most 999999 pixels each, such as 2048x1024")
        require(self.refine >= 0, "--refine must not be negative")
        seen = not self.refine or min(parse_size(self.size)) >= SMALLEST_REFINED
        require(seen, f"--size {self.size}: --refine needs at least {SMALLEST_REFINED} pixels each, which the loss can see")
        require(self.seed in SEEDS, "--seed must be between 0 and 2^63 - 1")
        check_device(self.device, self.cuda)


@dataclass(frozen=True)
class OptimizeConfig:
    """What to optimize, and how."""

    content: str = option("", "the photo", metavar="FILE")
    output: str = option("optimized", "folder to write into", metavar="DIR")
    steps: int = option(500, "steps of the optimizer", metavar="N")
    optimizer: str = option("lbfgs", "how the pixels are improved", choices=OPTIMIZER_NAMES)
    init: str = option("content", "where to begin: content, noise, or a picture's file", metavar="content|noise|FILE")
    image_size: int = option(512, "long side of the result, pixels; 0 = the photo's own", metavar="PX")
    num_scales: int = option(
        0, "sizes to pass through, each twice the one before; 0 = as many as leave 256 pixels to the first", metavar="N"
    )
    snapshot_every: int = option(100, "steps between pictures on the way; 0 = none", metavar="N")
    seed: int = option(0, "seed of the noise to begin with", metavar="N")
    overwrite: bool = option(False, "replace files that exist")
    device: str = option("", "cpu, cuda, mps or xpu; default: the best one present", metavar="NAME")
    cuda: bool = option(False, "short for --device cuda")
    precision: str = option("float32", "number format of the features; L-BFGS wants exact gradients", choices=PRECISION_NAMES)

    def __post_init__(self) -> None:
        for name in ("steps", "num_scales", "snapshot_every"):
            require(getattr(self, name) >= 0, f"--{name} must not be negative")
        require(self.image_size == 0 or self.image_size >= 32, "--image_size must be 0 or at least 32 pixels")
        require(self.seed in SEEDS, "--seed must be between 0 and 2^63 - 1")
        check_device(self.device, self.cuda)
