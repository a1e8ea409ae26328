"""Tables: means per epoch of what training logged, and the criterion of each run."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.sweep.helpers import EPOCHS, STEPS, MakeSweep, nothing, worker_for
from texnet.monitoring.jsonl import METRICS, read_metrics
from texnet.sweep.runs import run_grid
from texnet.sweep.settings import Sweep
from texnet.sweep.table import as_markdown, collect, epoch_rows, ranked, write_tables


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_table_has_the_means_of_each_epoch_in_the_order_of_training(trained_copy: Sweep) -> None:
    write_tables(collect(trained_copy), trained_copy)
    rows = read_csv(trained_copy.folder / "table.csv")
    assert list(rows[0]) == ["style_weight", "epoch", "total_loss", "style_loss", "content_loss"]
    assert [(row["style_weight"], row["epoch"]) for row in rows] == [
        (weight, str(epoch)) for weight in ("30.0", "1.0") for epoch in range(1, EPOCHS + 1)
    ]
    lines = read_metrics(trained_copy.grid()[0].folder / METRICS)
    for column, name in {"total_loss": "loss", "style_loss": "style", "content_loss": "content"}.items():
        assert float(rows[1][column]) == pytest.approx(sum(line[name] for line in lines[STEPS:]) / STEPS)


@pytest.mark.parametrize(("steps", "epochs"), [(STEPS - 1, [1]), (STEPS + 1, [1, 2])])
def test_a_last_epoch_that_is_unfinished_has_a_row_of_its_own(make_sweep: MakeSweep, steps: int, epochs: list[int]) -> None:
    sweep = make_sweep({"style_weight": (1.0,)}, epochs=0, max_steps=steps)
    run_grid(sweep, worker_for(sweep), nothing)
    rows = epoch_rows(collect(sweep), sweep)
    assert [row["epoch"] for row in rows] == epochs
    if steps > STEPS:
        assert rows[1]["total_loss"] == read_metrics(sweep.grid()[0].folder / METRICS)[STEPS]["loss"]


def test_a_stopped_sweep_has_a_table_of_the_runs_so_far(trained_copy: Sweep) -> None:
    (trained_copy.grid()[1].folder / "status.json").unlink()
    write_tables(collect(trained_copy), trained_copy)
    rows = read_csv(trained_copy.folder / "runs.csv")
    assert [(row["style_weight"], row["state"]) for row in rows] == [("30.0", "done"), ("1.0", "unfinished")]
    assert rows[1]["criterion"] == ""


def test_runs_are_ranked_by_the_criterion_that_was_asked_for(trained: Sweep) -> None:
    results = collect(trained)
    for kind in ("total", "style", "content"):
        values = [result.status.scores[kind] for result in ranked(results, kind)]
        assert values == sorted(values) and len(set(values)) == 2


def test_the_text_explains_the_criterion_and_what_the_losses_are(trained_copy: Sweep) -> None:
    write_tables(collect(trained_copy), trained_copy)
    text = (trained_copy.folder / "table.md").read_text()
    assert "Criterion: the perceptual loss of the held-out photos stylized at noise factor 1" in text
    assert "means over the epoch" in text


def test_numbers_in_a_table_for_reading_have_five_digits() -> None:
    assert as_markdown([{"width": 16, "loss": 0.123456789}, {"width": 8, "loss": 12.0}]).splitlines() == [
        "| width |    loss |",
        "| ----- | ------: |",
        "| 16    | 0.12346 |",
        "| 8     |      12 |",
    ]
