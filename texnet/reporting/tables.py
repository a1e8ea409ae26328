"""Tables as text: Markdown for reading, CSV for other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MISSING = "-"


@dataclass(frozen=True)
class Table:
    """Rows of text below their column titles, under a title if there is one."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""

    def markdown(self) -> str:
        """The table in Markdown, readable as plain text: the first column aligned left, the others right."""
        lines = [self.columns, *self.rows]
        widths = [max(3, *(len(line[i]) for line in lines)) for i in range(len(self.columns))]
        rule = ["-" * width if i == 0 else "-" * (width - 1) + ":" for i, width in enumerate(widths)]
        aligned = [[f"{cell:{'<' if i == 0 else '>'}{widths[i]}}" for i, cell in enumerate(line)] for line in lines]
        text = [f"| {' | '.join(line)} |" for line in (aligned[0], rule, *aligned[1:])]
        return "\n".join([self.title, "", *text] if self.title else text)

    def without_empty_columns(self) -> Table:
        """The table without the columns that have MISSING in every row."""
        kept = [i for i in range(len(self.columns)) if any(row[i] != MISSING for row in self.rows)]
        return Table([self.columns[i] for i in kept], [[row[i] for i in kept] for row in self.rows], self.title)


def to_csv(rows: Sequence[Mapping[str, object]]) -> str:
    """Rows with the same keys as CSV, the keys in the first line; empty for no rows."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def format_number(value: float | None, digits: int = 3) -> str:
    """A number to so many significant digits, trailing zeros kept; MISSING for None."""
    if value is None:
        return MISSING
    return f"{value:.0f}" if abs(value) >= 10 ** (digits - 1) else f"{value:#.{digits}g}".removesuffix(".")
