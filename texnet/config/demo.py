"""The options of texnet demo."""

from __future__ import annotations

import math
from dataclasses import dataclass

from texnet.config.fields import option, require


@dataclass(frozen=True)
class DemoConfig:
    """Demo."""

    minutes: float = option(6.0, "minutes of training", metavar="MIN")
    output: str = option("demo", "folder for everything", metavar="DIR")
    texture: str = option("", "style picture; default: a drawn stained glass", metavar="FILE")
    viz: bool = option(False, "show the training live in Visdom")

    def __post_init__(self) -> None:
        require(0 < self.minutes < math.inf, "--minutes must be a positive number")
