"""The options of texnet optimize."""

from __future__ import annotations

from dataclasses import dataclass, field

from texnet.config.device import DeviceConfig, precision_option
from texnet.config.fields import check_seed, option, require

OPTIMIZER_NAMES = ("lbfgs", "adam")


@dataclass(frozen=True)
class OptimizeConfig:
    """Optimization."""

    content: str = option("", "the photo", metavar="FILE", missing="name a picture")
    output: str = option("optimized", "folder to write into, or a file's name", metavar="PATH")
    steps: int = option(500, "steps of the optimizer", metavar="N")
    optimizer: str = option("lbfgs", "optimizer of the pixels", choices=OPTIMIZER_NAMES)
    init: str = option("content", "initial picture: content, noise, or a picture's file", metavar="content|noise|FILE")
    image_size: int = option(512, "long side of the result, pixels; 0 = the photo's own", metavar="PX")
    num_scales: int | None = option(
        None, "coarse-to-fine sizes, each twice the one before; default: as many as keep the first at 256 pixels", metavar="N"
    )
    snapshot_every: int = option(100, "steps between saved snapshots; 0 = none", metavar="N")
    seed: int = option(0, "seed of the noise of --init noise", metavar="N")
    overwrite: bool = option(False, "replace existing files")
    precision: str = precision_option("float32")  # L-BFGS needs exact gradients
    device: DeviceConfig = field(default_factory=DeviceConfig)

    def __post_init__(self) -> None:
        for name in ("steps", "snapshot_every"):
            require(getattr(self, name) >= 0, f"--{name} must not be negative")
        require(self.num_scales is None or self.num_scales >= 1, "--num_scales must be at least 1")
        require(self.image_size == 0 or self.image_size >= 32, "--image_size must be 0 or at least 32 pixels")
        check_seed(self.seed)
