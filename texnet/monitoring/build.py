"""Who watches a training: the terminal, the run's folder always, and Visdom where asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from texnet.config import RunConfig
from texnet.monitoring.base import Monitor, Monitors, Record

__all__ = ["Monitor", "Monitors", "Record", "build_console", "build_run_monitors"]


def build_console(config: RunConfig, is_main: bool) -> Monitor:
    """The monitor in the terminal; of several processes only the main one shows progress, all pass on messages."""
    from texnet.monitoring.console import ConsoleMonitor, MessageMonitor

    return ConsoleMonitor(config.verbose) if is_main else MessageMonitor()


def build_run_monitors(config: RunConfig, folder: Path, first_step: int, log: Callable[[str], None]) -> list[Monitor]:
    """Begin the records of a run in its folder, and show them in Visdom where the config says so.

    ``first_step`` > 0 continues the folder's metrics from there; ``log`` gets what Visdom's view has to say.
    """
    from texnet.monitoring.jsonl import JsonlMonitor

    folder.mkdir(parents=True, exist_ok=True)
    monitors: list[Monitor] = [JsonlMonitor(folder, first_step)]
    if config.viz:
        from texnet.monitoring.visdom.client import VisdomMonitor

        env = config.viz_env or folder.name
        monitors.append(VisdomMonitor(folder, server=config.viz_server, port=config.viz_port, env=env, log=log))
    return monitors
