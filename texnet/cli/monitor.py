"""texnet monitor: serve Visdom on this machine, and show a run in it, past or running."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from texnet.caches import user_folder
from texnet.cli.commands import run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import MonitorConfig, expand_home


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, serve until Ctrl-C."""
    run_command(lambda: monitor(_parser().parse_args(argv)))


def monitor(arguments: argparse.Namespace) -> int:
    """The command itself: serve Visdom and, with a run's folder, show the run in it."""
    config = from_options(MonitorConfig, vars(arguments))
    from texnet.monitoring.jsonl import METRICS
    from texnet.monitoring.visdom.client import VisdomMonitor
    from texnet.monitoring.visdom.server import serve

    folder = Path(arguments.run_dir) if arguments.run_dir else None
    if folder is not None and not (folder / METRICS).is_file():
        raise FileNotFoundError(f"{folder}: no {METRICS} in it, so no run")
    monitors: list[VisdomMonitor] = []

    def show() -> None:
        _log(f"Visdom: http://127.0.0.1:{config.port}  (Ctrl-C ends it)")
        if folder is None:
            _log("runs that are trained with --viz appear there")
        else:
            env = folder.resolve().name
            monitors.append(VisdomMonitor(folder, server="127.0.0.1", port=config.port, env=env, log=_log))

    serve(config.port, user_folder(config.env_dir, "--env_dir"), log=_log, on_ready=show)
    return 0


def _log(text: str) -> None:
    print(text, file=sys.stderr)


def _parser() -> Parser:
    parser = Parser(
        "monitor", "Show runs in the browser: a Visdom server for this machine alone.", example="checkpoints/mosaic"
    )
    what = "show this run, past or running"
    parser.add_argument("run_dir", nargs="?", type=expand_home, default="", metavar="RUN_DIR", help=what)
    add_options(parser, MonitorConfig)
    return parser
