"""texnet export: a trained network as a file for other runtimes, checked against texnet before it is written."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from texnet.cli.choose_style import all_styles, choose_styles
from texnet.cli.commands import run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import ExportConfig, check_given

if TYPE_CHECKING:
    from texnet.checkpoint import Checkpoint


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, load, export, print what was written and how exact it is."""
    run_command(lambda: export(_parser().parse_args(argv)))


def export(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    config = from_options(ExportConfig, vars(arguments))
    check_given(config)
    from texnet.checkpoint import Checkpoint
    from texnet.export import check_installed

    check_installed(config)
    config = replace(config, ckpt=choose_styles(config.ckpt, config.style), style=())
    if config.format == "web":
        config = replace(config, ckpt=all_styles(config.ckpt))
    checkpoints = [Checkpoint.load(path) for path in config.ckpt]
    if config.format == "web":
        _export_site(config, checkpoints)
    else:
        _export_file(config, checkpoints[0])
    return 0


def _export_file(config: ExportConfig, checkpoint: Checkpoint) -> None:
    from texnet.export import export_network
    from texnet.export.files import plan_output
    from texnet.files import write_atomically

    target = plan_output(config, checkpoint.styles[0])
    exported = export_network(checkpoint, config)
    write_atomically(target, exported.data)
    print(f"{exported.about}, {len(exported.data) / 1000:,.0f} kB: {target}")
    _print_difference(exported.difference)


def _export_site(config: ExportConfig, checkpoints: Sequence[Checkpoint]) -> None:
    from texnet.export.runtime import find_runtime
    from texnet.export.site import check_target, export_style, unique_names, write_site

    target = check_target(config)
    runtime = find_runtime(config.runtime, webgpu=config.webgpu)
    styles = []
    for name, checkpoint in zip(unique_names(checkpoints), checkpoints, strict=True):
        styles.append(export_style(checkpoint, config, name))
        print(f"{name}: {', '.join(f'{file} {len(data) / 1000:,.0f} kB' for file, data in styles[-1].files.items())}")
    size = write_site(target, styles, runtime, config)
    print(f"a page of {size / 1e6:,.1f} MB with onnxruntime-web {runtime[0]}: {target}")
    print(f"see it: {Path(sys.executable).name} -m http.server --bind 127.0.0.1 --directory {shlex.quote(str(target))}")
    _print_difference(max(style.difference for style in styles))


def _print_difference(difference: float) -> None:
    from texnet.export import LIMIT

    print(f"largest difference from texnet stylize: {difference:.1e}, of at most {LIMIT:.1e} (1/255)")


def _parser() -> Parser:
    parser = Parser(
        "export",
        "Write a trained network as a file for other runtimes, and check it against texnet.",
        example="--ckpt checkpoints/mosaic/style.pt --half",
    )
    add_options(parser, ExportConfig)
    return parser
