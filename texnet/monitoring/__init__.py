"""Who watches a training: the terminal, the run"s folder always, and Visdom where asked for."""

from __future__ import annotations

from texnet.monitoring.base import Monitor, Monitors, Record
from texnet.monitoring.build import build_console, build_run_monitors

__all__ = ["Monitor", "Monitors", "Record", "build_console", "build_run_monitors"]
