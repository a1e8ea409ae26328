"""The options of texnet benchmark, beside those of generator and loss."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from texnet.config.device import DeviceConfig, precision_option
from texnet.config.fields import option, require

MEASUREMENT_NAMES = ("training", "profile", "stylizing", "startup", "compile", "convergence", "distributed", "tests")
DEFAULT_MEASUREMENTS = MEASUREMENT_NAMES[:4]  # the others take many minutes, or need more than texnet's own files


@dataclass(frozen=True)
class BenchmarkConfig:
    """Benchmark."""

    only: tuple[str, ...] = option(DEFAULT_MEASUREMENTS, "what to measure", nargs="+", choices=MEASUREMENT_NAMES)
    size: int = option(256, "side of the training crops, pixels", metavar="PX")
    sizes: tuple[str, ...] = option(
        ("256x256", "512x512", "1920x1080", "3840x2160"), "sizes of the pictures to stylize, pixels", nargs="+", metavar="WxH"
    )
    rounds: int = option(7, "timed rounds; medians are reported", metavar="N")
    max_minutes: float = option(
        0.0,
        "minutes for everything: each measurement then runs in a process of its own, stopped when its part of them is over, "
        "and what fails is reported in its place; 0 = no limit, and a failure ends the command",
        metavar="MIN",
    )
    max_steps: int = option(40_000, "steps of the longest training of convergence, which may take less", metavar="N")
    data_dir: str = option("", "photos for convergence and distributed; default: drawn scenes", metavar="DIR")
    output: str = option("", "write all numbers into this JSON file as well", metavar="FILE")
    precision: str = precision_option()
    device: DeviceConfig = field(default_factory=DeviceConfig)

    def __post_init__(self) -> None:
        require(self.size >= 32, "--size must be at least 32 pixels")
        for size in self.sizes:
            require(bool(re.fullmatch(r"\d{2,5}x\d{2,5}", size)), f"--sizes {size}: write WIDTHxHEIGHT, such as 1920x1080")
        require(self.rounds >= 1, "--rounds must be at least 1")
        require(0 <= self.max_minutes < math.inf, "--max_minutes must be a number, and not negative")
        require(self.max_steps >= 1, "--max_steps must be at least 1")
