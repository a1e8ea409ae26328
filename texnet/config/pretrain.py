"""The options of texnet pretrain, beside those of training."""

from __future__ import annotations

from dataclasses import dataclass

from texnet.config.fields import option, require

LEARN_NAMES = ("all", "generator", "reader")


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
    pool_size: int = option(64, "styles at hand at a time, each a variation of a picture", metavar="N")
    learn: str = option(
        "all",
        "the generator alone, in visits to one style after the other; the style reader alone, for the generator of --init, "
        "which stays as it is; or all of both at once",
        choices=LEARN_NAMES,
    )
    output: str = option("pretrained.pt", "file to write the generator and its style reader to", metavar="FILE")
    resume: bool = option(False, "go on from the state beside --output")

    def __post_init__(self) -> None:
        require(self.pool_size >= 2, "--pool_size must be at least 2")
