"""Trained networks as files for other runtimes."""

from __future__ import annotations

from texnet.export.build import Exported, check_installed, export_network
from texnet.export.check import LIMIT

__all__ = ["LIMIT", "Exported", "check_installed", "export_network"]
