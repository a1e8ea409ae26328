"""texnet export: a trained network as a file for other runtimes, checked against texnet before it is written."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from texnet.cli.commands import run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import ExportConfig, check_given


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, load, export, print the file and how exact it is."""
    run_command(lambda: export(_parser().parse_args(argv)))


def export(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    config = from_options(ExportConfig, vars(arguments))
    check_given(config)
    from texnet.checkpoint import Checkpoint
    from texnet.export import LIMIT, check_installed, export_network
    from texnet.export.files import plan_output
    from texnet.files import write_atomically

    check_installed(config)
    checkpoint = Checkpoint.load(config.ckpt)
    target = plan_output(config, checkpoint.styles[0])
    exported = export_network(checkpoint, config)
    write_atomically(target, exported.data)
    print(f"{exported.about}, {len(exported.data) / 1000:,.0f} kB: {target}")
    print(f"largest difference from texnet stylize: {exported.difference:.1e}, of at most {LIMIT:.1e} (1/255)")
    return 0


def _parser() -> Parser:
    parser = Parser(
        "export",
        "Write a trained network as a file for other runtimes, and check it against texnet.",
        example="--ckpt checkpoints/mosaic/style.pt --half",
    )
    add_options(parser, ExportConfig)
    return parser
