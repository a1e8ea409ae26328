"""texnet studio: train, watch and paint in the browser."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from texnet.cli.commands import run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import StudioConfig, require


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, serve until Ctrl-C."""
    run_command(lambda: studio(_parser().parse_args(argv)))


def studio(arguments: argparse.Namespace) -> int:
    """The command itself: serve the page; trainings go on when it ends."""
    config = from_options(StudioConfig, vars(arguments))
    _check_installed()
    from texnet.studio.server import serve

    serve(config, log=_log)
    return 0


def _check_installed() -> None:
    from importlib.util import find_spec

    missing = [package for package in ("starlette", "uvicorn") if find_spec(package) is None]
    require(not missing, f"the studio needs {' and '.join(missing)}: pip install 'texnet[studio]'")


def _log(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parser() -> Parser:
    parser = Parser("studio", "Train, watch and paint in the browser.", example="--port 3000")
    add_options(parser, StudioConfig)
    return parser
