"""Who watches a training: the terminal, the run's folder always, and Visdom where asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from texnet.config import RunConfig
from texnet.monitoring.base import Monitor, Monitors, Record

__all__ = ["Monitor", "Monitors", "Record", "build_terminal", "watch_folder"]


def build_terminal(config: RunConfig, is_main: bool) -> Monitor:
    """The monitor in the terminal; of several processes only the main one shows progress, all pass on messages."""
    from texnet.monitoring.console import ConsoleMonitor, MessageMonitor

    return ConsoleMonitor(config.verbose) if is_main else MessageMonitor()


def watch_folder(config: RunConfig, folder: Path, first_step: int, tell: Callable[[str], None]) -> list[Monitor]:
    """Begin the records of a run in its folder, and show them in Visdom where the config says so.

    ``first_step`` > 0 continues the folder's metrics from there; ``tell`` gets what Visdom's view has to say.
    """
    from texnet.monitoring.folder import FolderMonitor

    folder.mkdir(parents=True, exist_ok=True)
    monitors: list[Monitor] = [FolderMonitor(folder, first_step)]
    if config.viz:
        from texnet.monitoring.visdom import VisdomMonitor

        env = config.viz_env or folder.name
        monitors.append(VisdomMonitor(folder, server=config.viz_server, port=config.viz_port, env=env, tell=tell))
    return monitors
