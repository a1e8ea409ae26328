"""What measurements give: costs side by side, as plain values for JSON and as Markdown tables for reading."""

from __future__ import annotations

import dataclasses
import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from texnet.benchmark.roofline import Roofline
from texnet.files import write_atomically

OURS, BASELINE = "texnet", "pytorch/examples"
MISSING = "-"


@dataclass(frozen=True)
class Cost:
    """What a step or a picture costs one network: seconds of every round, the roofline, bytes where measured.

    ``precision`` is the number format of its convolutions.
    """

    rounds: tuple[float, ...]
    roofline: Roofline
    precision: str
    peak_bytes: int | None = None

    @property
    def seconds(self) -> float:
        """The median over the rounds."""
        return statistics.median(self.rounds)

    @property
    def times_roofline(self) -> float:
        """How many times as long as the hardware needs for the arithmetic alone."""
        return self.seconds / self.roofline.seconds


@dataclass(frozen=True)
class Comparison:
    """The costs of both networks for the same; None where it did not fit into memory."""

    ours: Cost | None
    baseline: Cost | None

    @property
    def ratio(self) -> float | None:
        """How many times as fast ours is."""
        return self.baseline.seconds / self.ours.seconds if self.ours and self.baseline else None


@dataclass(frozen=True)
class Table:
    """Rows of text below their titles, for reading."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        """The table in Markdown, its columns aligned: the first to the left, the others to the right."""
        lines = [self.columns, *self.rows]
        widths = [max(3, *(len(line[i]) for line in lines)) for i in range(len(self.columns))]
        rule = [("-" * width if i == 0 else "-" * (width - 1) + ":") for i, width in enumerate(widths)]
        aligned = [[f"{cell:{'<' if i == 0 else '>'}{widths[i]}}" for i, cell in enumerate(line)] for line in lines]
        text = (f"| {' | '.join(line)} |" for line in (aligned[0], rule, *aligned[1:]))
        return "\n".join(chain([self.title, ""], text))


class BenchmarkResult(Protocol):
    """What one measurement gives: a frozen dataclass that can be shown."""

    def table(self) -> Table:
        """The result for reading."""


def shown(value: float | None, digits: int = 3) -> str:
    """A figure for a table, to so many significant digits; a dash where there is none."""
    if value is None:
        return MISSING
    return f"{value:.0f}" if abs(value) >= 10 ** (digits - 1) else f"{value:#.{digits}g}".removesuffix(".")


def plain(value: Any) -> Any:
    """A result as nested dicts, lists and numbers, with what its properties work out: fit for JSON."""
    if dataclasses.is_dataclass(value):
        names = [item.name for item in dataclasses.fields(value)]
        derived = [name for name, member in vars(type(value)).items() if isinstance(member, property)]
        return {name: plain(getattr(value, name)) for name in (*names, *derived)}
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def save_report(path: str | Path, about: Mapping[str, Any], results: Mapping[str, BenchmarkResult]) -> None:
    """Write what was measured, on what, as one JSON file."""
    report = {"about": plain(about), **plain(results)}
    write_atomically(path, (json.dumps(report, indent=1, allow_nan=False) + "\n").encode())
