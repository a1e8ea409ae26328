"""Who watches a training: the run's folder always, the terminal, and Visdom where asked for."""

from __future__ import annotations

from pathlib import Path

from texnet.config import RunConfig
from texnet.monitoring.base import Monitor, Monitors, Record

__all__ = ["Monitor", "Monitors", "Record", "build_monitors"]


def build_monitors(config: RunConfig | None, folder: Path, first_step: int) -> Monitor:
    """The monitors that a config asks for, watching a run's folder; None for a process that does not watch.

    ``first_step`` > 0 continues the folder's metrics from there.
    """
    if config is None:
        return Monitor()
    from texnet.monitoring.console import ConsoleMonitor
    from texnet.monitoring.folder import FolderMonitor

    folder.mkdir(parents=True, exist_ok=True)
    console = ConsoleMonitor(config.verbose)
    monitors: list[Monitor] = [console, FolderMonitor(folder, first_step)]
    if config.viz:
        from texnet.monitoring.visdom import VisdomMonitor

        env = config.viz_env or folder.name
        monitors.append(VisdomMonitor(folder, server=config.viz_server, port=config.viz_port, env=env, tell=console.message))
    return Monitors(monitors)
