"""texnet textures: draw the style pictures that come with texnet, at any size and from any seed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from texnet.cli.commands import run_command
from texnet.cli.options import Parser
from texnet.config import SEEDS, require
from texnet.errors import UserError

SIZES = range(64, 2049)


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, draw, print the files."""
    run_command(lambda: textures(_parser().parse_args(argv)))


def textures(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    require(arguments.size in SIZES, f"--size must be between {SIZES[0]} and {SIZES[-1]}")
    require(arguments.seed in SEEDS, "--seed must be between 0 and 2^63 - 1")
    from texnet.drawing import TEXTURES, save_texture

    names = list(dict.fromkeys(arguments.names)) or list(TEXTURES)
    for name in names:
        if name not in TEXTURES:
            raise UserError(f"unknown texture {name}: use some of {', '.join(TEXTURES)}")
    for name in names:
        print(save_texture(name, arguments.output, arguments.size, arguments.seed), flush=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="texnet textures", description="Draw the style pictures that come with texnet, all or those named.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="such as mosaic or woodcut_waves; default: all")
    parser.add_argument("--output", default="textures", metavar="DIR", help="folder for the pictures (default: textures)")
    parser.add_argument("--size", type=int, default=1024, help="width and height in pixels (default: 1024)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the picture (default: 0)")
    return parser
