"""The device to compute on and the number format, which every command that runs a network has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from texnet.config.fields import option, require

PRECISION_NAMES = ("auto", "bfloat16", "float32")


@dataclass(frozen=True)
class DeviceConfig:
    """Device."""

    device: str = option("", "cpu, cuda, mps or xpu; default: the best one present", metavar="NAME")
    cuda: bool = option(False, "short for --device cuda")

    def __post_init__(self) -> None:
        require(
            not self.cuda or self.device in ("", "cuda"),
            f"--cuda contradicts --device {self.device}: give one of them, or --no-cuda if a resumed run began with --cuda",
        )

    @property
    def name(self) -> str:
        """The device that was asked for; empty for the best one present."""
        return "cuda" if self.cuda else self.device


def precision_option(default: str = "auto") -> Any:
    """The field ``precision``: the number format of the convolutions."""
    return option(default, "number format of the convolutions; auto: bfloat16 where it is much faster", choices=PRECISION_NAMES)
