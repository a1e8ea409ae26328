"""The few figures of each measurement that matter most, in one table for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from texnet.reporting.tables import MISSING, Table

COLUMNS = ("measurement", "figure", "texnet", "pytorch/examples")


@dataclass(frozen=True)
class Figure:
    """A line of the summary: what was measured, with its unit, and the values as text."""

    name: str
    ours: str
    baseline: str = MISSING


class BenchmarkResult(Protocol):
    """What one measurement gives: a frozen dataclass that can be shown."""

    def table(self) -> Table:
        """The result for reading."""

    def figures(self) -> Sequence[Figure]:
        """What the summary says of it."""


def summarize(results: Mapping[str, BenchmarkResult]) -> Table:
    """The figures of all measurements below each other."""
    rows = [[name, line.name, line.ours, line.baseline] for name, result in results.items() for line in result.figures()]
    return Table(COLUMNS, rows, "Summary")
