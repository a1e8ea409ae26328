"""The commands: ``texnet COMMAND`` and ``python scripts/COMMAND.py`` are the same."""

from __future__ import annotations

from texnet.cli.commands import main

__all__ = ["main"]
