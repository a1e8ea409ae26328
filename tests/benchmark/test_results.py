"""Figures side by side, for reading and for JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from texnet.benchmark.results import Comparison, Cost, Table, plain, save_report, shown
from texnet.benchmark.roofline import Roofline
from texnet.benchmark.training import Stage, TrainingSpeed

FLOOR = Roofline(flops=100, rate=1000.0)
BOTH = Comparison(Cost((0.1, 0.2, 9.0), FLOOR, "bfloat16", 5), Cost((0.8,), FLOOR, "float32"))


def test_a_cost_is_the_median_and_so_many_times_the_floor() -> None:
    assert BOTH.ours
    assert BOTH.ours.seconds == 0.2
    assert BOTH.ours.times_roofline == 2


def test_the_ratio_says_how_many_times_as_fast_we_are() -> None:
    assert BOTH.ratio == 4


@pytest.mark.parametrize("both", [Comparison(None, BOTH.baseline), Comparison(BOTH.ours, None), Comparison(None, None)])
def test_there_is_no_ratio_where_one_did_not_fit(both: Comparison) -> None:
    assert both.ratio is None


def test_a_result_is_plain_with_what_is_worked_out_from_it() -> None:
    assert plain(BOTH) == {
        "ours": {
            "rounds": [0.1, 0.2, 9.0],
            "roofline": {"flops": 100, "rate": 1000.0, "seconds": 0.1},
            "precision": "bfloat16",
            "peak_bytes": 5,
            "seconds": 0.2,
            "times_roofline": 2.0,
        },
        "baseline": {
            "rounds": [0.8],
            "roofline": {"flops": 100, "rate": 1000.0, "seconds": 0.1},
            "precision": "float32",
            "peak_bytes": None,
            "seconds": 0.8,
            "times_roofline": 8.0,
        },
        "ratio": 4.0,
    }


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    result = TrainingSpeed(4, 32, BOTH, (Stage(1.0, 32, (0.2,)),))
    save_report(tmp_path / "deep" / "report.json", {"device": "cpu"}, {"training": result})
    read = json.loads((tmp_path / "deep" / "report.json").read_text())
    assert read == {"about": {"device": "cpu"}, "training": plain(result)}


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (1234.5, "1234"), (123.0, "123"), (12.34, "12.3"), (4.0, "4.00"), (0.01234, "0.0123"), (0.0, "0.00")],
)
def test_figures_are_shown_to_three_digits(value: float | None, text: str) -> None:
    assert shown(value) == text


def test_a_table_is_aligned_markdown() -> None:
    table = Table("Speed", ("network", "s"), [["ours", "1.5"], ["a longer name", "12.25"]])
    assert table.markdown().splitlines() == [
        "Speed",
        "",
        "| network       |     s |",
        "| ------------- | ----: |",
        "| ours          |   1.5 |",
        "| a longer name | 12.25 |",
    ]
