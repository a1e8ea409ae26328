"""The options of texnet textures."""

from __future__ import annotations

from dataclasses import dataclass

from texnet.config.fields import check_seed, option, require

SIZES = range(64, 2049)


@dataclass(frozen=True)
class TexturesConfig:
    """Drawing."""

    output: str = option("textures", "folder for the pictures", metavar="DIR")
    size: int = option(1024, "width and height in pixels", metavar="PX")
    seed: int = option(0, "another seed, another picture", metavar="N")

    def __post_init__(self) -> None:
        require(self.size in SIZES, f"--size must be between {SIZES[0]} and {SIZES[-1]}")
        check_seed(self.seed)
