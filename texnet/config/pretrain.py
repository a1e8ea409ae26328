"""The options of texnet pretrain, beside those of training."""

from __future__ import annotations

from dataclasses import dataclass

from texnet.config.fields import option, require


@dataclass(frozen=True)
class PretrainConfig:
    """Styles to pretrain on."""

    textures: tuple[str, ...] = option(
        (),
        "style pictures, folders or patterns",
        nargs="+",
        metavar="PATH",
        missing="name style pictures or their folder",
    )
    num_styles: int = option(48, "variations of the pictures: other sizes, mirrored, other colors", metavar="N")
    steps_per_style: int = option(150, "steps on one style before the next", metavar="N")
    output: str = option("pretrained.pt", "file to write the generator to, again after every style", metavar="FILE")

    def __post_init__(self) -> None:
        require(self.num_styles >= 1, "--num_styles must be at least 1")
        require(self.steps_per_style >= 1, "--steps_per_style must be at least 1")
