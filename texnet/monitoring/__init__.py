"""Where a training reports to: the terminal, the run's folder, and Visdom where it is asked for."""

from __future__ import annotations

from texnet.monitoring.base import Monitor, Monitors, Record
from texnet.monitoring.build import build_console, build_run_monitors

__all__ = ["Monitor", "Monitors", "Record", "build_console", "build_run_monitors"]
