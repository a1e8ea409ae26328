"""Tables: means per epoch of what training logged, and the criterion of each run."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.sweep.helpers import WEIGHTS, MakeSweep, stop_after, worker_for
from texnet.monitoring.jsonl import METRICS, read_metrics
from texnet.sweep.runs import run_grid
from texnet.sweep.settings import Sweep
from texnet.sweep.table import as_markdown, collect, epoch_rows, ranked, write_tables

STEPS = 4  # per epoch


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def trained(sweep: Sweep, questions: int = 1000) -> Sweep:
    run_grid(sweep, worker_for(sweep, stop_after(questions)), lambda: None)
    return sweep


def test_the_table_has_the_means_of_each_epoch_in_the_order_of_training(make_sweep: MakeSweep) -> None:
    sweep = trained(make_sweep({"style_weight": (30.0, 1.0)}, epochs=2))
    write_tables(collect(sweep), sweep)
    rows = read_csv(sweep.folder / "table.csv")
    assert list(rows[0]) == ["style_weight", "epoch", "total_loss", "style_loss", "content_loss"]
    assert [(row["style_weight"], row["epoch"]) for row in rows] == [
        ("30.0", "1"),
        ("30.0", "2"),
        ("1.0", "1"),
        ("1.0", "2"),
    ]
    lines = read_metrics(sweep.grid()[0].folder / METRICS)
    for column, name in {"total_loss": "loss", "style_loss": "style", "content_loss": "content"}.items():
        assert float(rows[1][column]) == pytest.approx(sum(line[name] for line in lines[STEPS:]) / STEPS)


def test_a_budget_below_an_epoch_gives_a_row_for_the_unfinished_one(make_sweep: MakeSweep) -> None:
    sweep = trained(make_sweep(WEIGHTS, epochs=0, max_steps=3))
    assert [row["epoch"] for row in epoch_rows(collect(sweep), sweep)] == [1, 1]


def test_a_last_epoch_that_is_unfinished_has_a_row_of_its_own(make_sweep: MakeSweep) -> None:
    sweep = trained(make_sweep({"style_weight": (1.0,)}, epochs=0, max_steps=STEPS + 1))
    rows = epoch_rows(collect(sweep), sweep)
    assert [row["epoch"] for row in rows] == [1, 2]
    assert rows[1]["total_loss"] == read_metrics(sweep.grid()[0].folder / METRICS)[STEPS]["loss"]


def test_a_stopped_sweep_has_a_table_of_what_it_has(make_sweep: MakeSweep) -> None:
    sweep = trained(make_sweep(WEIGHTS), questions=8)
    write_tables(collect(sweep), sweep)
    rows = read_csv(sweep.folder / "runs.csv")
    assert [(row["style_weight"], row["state"]) for row in rows] == [("1.0", "done"), ("30.0", "unfinished")]
    assert rows[1]["criterion"] == ""


def test_runs_are_ranked_by_the_criterion_that_was_asked_for(make_sweep: MakeSweep) -> None:
    sweep = trained(make_sweep(WEIGHTS, epochs=3))
    results = collect(sweep)
    for kind in ("total", "style", "content"):
        values = [result.status.scores[kind] for result in ranked(results, kind)]
        assert values == sorted(values) and len(set(values)) == 2


def test_the_text_tells_the_criterion_and_what_the_losses_are(make_sweep: MakeSweep) -> None:
    sweep = trained(make_sweep({"style_weight": (1.0,)}))
    write_tables(collect(sweep), sweep)
    text = (sweep.folder / "table.md").read_text()
    assert "Criterion: the perceptual loss of the held-out photos painted at noise factor 1" in text
    assert "means over the epoch" in text


def test_a_table_of_markdown_is_aligned() -> None:
    assert as_markdown([{"width": 16, "loss": 0.123456789}, {"width": 8, "loss": 12.0}]) == (
        "| width |    loss |\n|------:|--------:|\n|    16 | 0.12346 |\n|     8 |      12 |"
    )
