"""The options of texnet benchmark, beside those of generator and loss."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from texnet.config.device import DeviceConfig, precision_option
from texnet.config.fields import option, require

MEASUREMENT_NAMES = ("training", "profile", "stylizing", "startup")


@dataclass(frozen=True)
class BenchmarkConfig:
    """Benchmark."""

    only: tuple[str, ...] = option(MEASUREMENT_NAMES, "what to measure", nargs="+", choices=MEASUREMENT_NAMES)
    size: int = option(256, "side of the training crops, pixels", metavar="PX")
    sizes: tuple[str, ...] = option(
        ("256x256", "512x512", "1920x1080", "3840x2160"), "sizes of the pictures to stylize, pixels", nargs="+", metavar="WxH"
    )
    rounds: int = option(7, "timed rounds; medians are reported", metavar="N")
    output: str = option("", "write all numbers into this JSON file as well", metavar="FILE")
    precision: str = precision_option()
    device: DeviceConfig = field(default_factory=DeviceConfig)

    def __post_init__(self) -> None:
        require(self.size >= 32, "--size must be at least 32 pixels")
        for size in self.sizes:
            require(bool(re.fullmatch(r"\d{2,5}x\d{2,5}", size)), f"--sizes {size}: write WIDTHxHEIGHT, such as 1920x1080")
        require(self.rounds >= 1, "--rounds must be at least 1")
