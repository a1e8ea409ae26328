"""The options of texnet card."""

from __future__ import annotations

from dataclasses import dataclass

from texnet.config.fields import NAME_A_NETWORK, option, require


@dataclass(frozen=True)
class CardConfig:
    """Card."""

    ckpt: str = option(
        "",
        "trained network: style.pt or any checkpoint of a run",
        metavar="FILE|NAME",
        is_network=True,
        missing=NAME_A_NETWORK,
    )
    evaluation: str = option("", "report of texnet evaluate on that network: evaluation.json, or its folder", metavar="PATH")
    credit: str = option("", "author, title and year of the style picture; default: as recorded in training")
    license: str = option("", "license of the trained style; default: as recorded in training", metavar="NAME")
    name: str = option("", "name of the style and of its file; default: the style picture's", metavar="NAME")
    texture: str = option("", "style picture for the preview; default: the file it was trained on", metavar="FILE")
    output: str = option("checkpoints", "folder for the file, NAME.pt", metavar="DIR")
    overwrite: bool = option(False, "replace an existing file")

    def __post_init__(self) -> None:
        for name in ("credit", "license"):
            text = getattr(self, name)
            require(text.isprintable() and len(text) <= 200, f"--{name} must be one line of at most 200 printable characters")
