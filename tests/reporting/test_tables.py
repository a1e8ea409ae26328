"""Tables as text: aligned, complete, readable by other programs."""

from __future__ import annotations

import csv
import io

import pytest

from texnet.reporting.tables import MISSING, Table, format_number, to_csv


def test_markdown_is_aligned_below_its_title() -> None:
    table = Table(("network", "s"), [["ours", "1.5"], ["a longer name", "12.25"]], "Speed")
    assert table.markdown().splitlines() == [
        "Speed",
        "",
        "| network       |     s |",
        "| ------------- | ----: |",
        "| ours          |   1.5 |",
        "| a longer name | 12.25 |",
    ]


def test_columns_with_nothing_in_any_row_can_be_left_out() -> None:
    table = Table(("a", "b", "c"), [["1", MISSING, "2"], ["3", MISSING, MISSING]])
    assert table.without_empty_columns() == Table(["a", "c"], [["1", "2"], ["3", MISSING]])


def test_csv_is_read_again() -> None:
    rows = [{"name": 'a "quoted", name', "loss": 0.1}, {"name": "b", "loss": ""}]
    assert list(csv.DictReader(io.StringIO(to_csv(rows)))) == [{k: str(v) for k, v in row.items()} for row in rows]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (1234.5, "1234"), (123.0, "123"), (12.34, "12.3"), (4.0, "4.00"), (0.01234, "0.0123"), (0.0, "0.00")],
)
def test_numbers_have_three_significant_digits(value: float | None, text: str) -> None:
    assert format_number(value) == text
