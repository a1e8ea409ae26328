"""texnet textures: draw the style pictures that come with texnet, at any size and from any seed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from texnet.cli.commands import run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import TexturesConfig, require


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, draw, print the files."""
    run_command(lambda: textures(_parser().parse_args(argv)))


def textures(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    config = from_options(TexturesConfig, vars(arguments))
    from texnet.drawing import TEXTURES, save_texture

    names = list(dict.fromkeys(arguments.names)) or list(TEXTURES)
    for name in names:
        require(name in TEXTURES, f"unknown texture {name}: use some of {', '.join(TEXTURES)}")
    for name in names:
        print(save_texture(name, config.output, config.size, config.seed), flush=True)
    return 0


def _parser() -> Parser:
    parser = Parser("textures", "Draw the style pictures that come with texnet.", example="mosaic --size 512 --seed 3")
    parser.add_argument(
        "names", nargs="*", default=[], metavar="NAME", help="such as mosaic or woodcut_waves; default: all of them"
    )
    add_options(parser, TexturesConfig)
    return parser
