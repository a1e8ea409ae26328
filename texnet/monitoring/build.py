"""Build the monitors of a training: the terminal, the run's folder, and Visdom where it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from texnet.config import RunConfig
from texnet.monitoring.base import Monitor


def build_console(config: RunConfig, is_main: bool) -> Monitor:
    """The monitor of the terminal: progress and messages in the main process, messages alone in the others."""
    from texnet.monitoring.console import ConsoleMonitor, MessageMonitor

    return ConsoleMonitor(config.verbose) if is_main else MessageMonitor()


def build_run_monitors(config: RunConfig, folder: Path, first_step: int, log: Callable[[str], None]) -> list[Monitor]:
    """The monitors of a run: its folder, and Visdom where the config asks for it.

    ``first_step`` > 0 continues the folder's metrics after that step. ``log`` gets messages about the Visdom server.
    """
    from texnet.monitoring.jsonl import JsonlMonitor

    folder.mkdir(parents=True, exist_ok=True)
    monitors: list[Monitor] = [JsonlMonitor(folder, first_step, log)]
    if config.viz:
        from texnet.monitoring.visdom.client import VisdomMonitor

        env = config.viz_env or folder.name
        monitors.append(VisdomMonitor(folder, server=config.viz_server, port=config.viz_port, env=env, log=log))
    return monitors
