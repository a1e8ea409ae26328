"""texnet card: complete what a trained style says of itself, and make its file small, to be shared or shipped."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from texnet.cli.allocator import tune_malloc
from texnet.cli.commands import run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import CardConfig, check_given


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, complete, check, write, print what is still missing."""
    run_command(lambda: card(_parser().parse_args(argv)))


def card(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    config = from_options(CardConfig, vars(arguments))
    check_given(config)
    tune_malloc()
    from texnet.checkpoint import Checkpoint
    from texnet.gallery import finish_style, missing_parts

    finished = finish_style(config)
    size = finished.path.stat().st_size / 1000
    print(
        f"{size:,.0f} kB, {finished.bits} bits a weight, pictures within {255 * finished.difference:.2f}/255: {finished.path}"
    )
    missing = missing_parts(Checkpoint.load(finished.path))
    if missing:
        print(f"the card still lacks: {', '.join(missing)}")
    return 0


def _parser() -> Parser:
    parser = Parser(
        "card",
        "Complete the card of a trained style and write its file in a quarter of the size, checked to paint the same.",
        example="--ckpt runs/wave/style.pt --evaluation evaluation --license CC0-1.0",
    )
    add_options(parser, CardConfig)
    return parser
