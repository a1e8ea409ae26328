"""A sweep in numbers: a row per run and epoch from metrics.jsonl, and a row per run with its criterion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from texnet.data.crops import steps_per_epoch
from texnet.errors import UserError
from texnet.files import write_atomically
from texnet.monitoring.jsonl import METRICS, read_metrics
from texnet.reporting.tables import Table, to_csv
from texnet.sweep.criterion import CRITERIA, explain_criterion, photos_of
from texnet.sweep.runs import DONE, RunStatus, read_status
from texnet.sweep.settings import Setting, Sweep, show

LOSSES = {"total_loss": "loss", "style_loss": "style", "content_loss": "content"}  # column -> name in metrics.jsonl
DIGITS = 5  # of a number in table.md
EXPLANATION = (
    "Losses are means over the epoch of the lines of metrics.jsonl, each term times its own run's weight, "
    "at the noise factors drawn in training; a last epoch may be unfinished."
)

Row = dict[str, object]


@dataclass(frozen=True)
class RunResult:
    """A run with its status."""

    setting: Setting
    status: RunStatus


def collect(sweep: Sweep) -> list[RunResult]:
    """The runs that have begun, in the order of training."""
    return [RunResult(setting, read_status(setting.folder)) for setting in sweep.begun()]


def whole_lines(setting: Setting) -> tuple[list[dict[str, Any]], str]:
    """The lines of a run's metrics.jsonl that have all losses, and what is wrong with the file, empty where nothing is."""
    path = setting.folder / METRICS
    try:
        lines = read_metrics(path)
    except UserError as error:
        return [], str(error)
    names = ("step", *LOSSES.values())
    whole = [line for line in lines if isinstance(line, dict) and all(isinstance(line.get(n), int | float) for n in names)]
    return whole, "" if len(whole) == len(lines) else f"{path}: {len(lines) - len(whole)} damaged lines in it"


def ranked(results: Sequence[RunResult], criterion: str) -> list[RunResult]:
    """The runs that are done, the best first."""
    done = [result for result in results if result.status.state == DONE]
    return sorted(done, key=lambda result: result.status.scores[criterion])


def write_tables(results: Sequence[RunResult], sweep: Sweep) -> None:
    """Write table.csv, a row per run and epoch, runs.csv, a row per run, and both for reading as table.md."""
    epochs, runs = epoch_rows(results, sweep), run_rows(results, sweep)
    write_atomically(sweep.folder / "table.csv", to_csv(epochs).encode())
    write_atomically(sweep.folder / "runs.csv", to_csv(runs).encode())
    parts = [
        f"# {sweep.folder.resolve().name}",
        f"Criterion: {explain_criterion(sweep)}.",
        as_markdown(runs),
        EXPLANATION,
        as_markdown(epochs),
    ]
    write_atomically(sweep.folder / "table.md", ("\n\n".join(filter(None, parts)) + "\n").encode())


def epoch_rows(results: Sequence[RunResult], sweep: Sweep) -> list[Row]:
    """A row per run and epoch: values of the axes, epoch, total_loss, style_loss, content_loss; of a search also its state."""
    rows: list[Row] = []
    for result in results:
        for epoch, lines in _by_epoch(result.setting, sweep).items():
            losses = {column: fmean(line[name] for line in lines) for column, name in LOSSES.items()}
            row = {**_run_columns(result, sweep), "epoch": epoch, **losses}
            rows.append({**row, "state": result.status.state} if sweep.num_trials else row)
    return rows


def run_rows(results: Sequence[RunResult], sweep: Sweep) -> list[Row]:
    """A row per run: the values of the axes, its state, the criterion, and all kinds of it; the best first."""
    order = ranked(results, sweep.criterion)
    return [_run_row(result, sweep) for result in [*order, *(r for r in results if r not in order)]]


def as_markdown(rows: Sequence[Row]) -> str:
    """Rows with the same keys as a table for reading; empty for no rows."""
    return Table(list(rows[0]), [[_show(value) for value in row.values()] for row in rows]).markdown() if rows else ""


def _by_epoch(setting: Setting, sweep: Sweep) -> dict[int, list[dict[str, float]]]:
    """The lines of a run's metrics.jsonl by the epoch, from 1, that their steps belong to."""
    steps = steps_per_epoch(len(photos_of(sweep, setting)[0]), setting.config.data.batch_size)
    epochs: dict[int, list[dict[str, float]]] = {}
    for line in whole_lines(setting)[0]:
        epochs.setdefault((line["step"] - 1) // steps + 1, []).append(line)
    return epochs


def _run_columns(result: RunResult, sweep: Sweep) -> Row:
    values: Row = dict(result.setting.values)
    return {"trial": int(result.setting.name.removeprefix("trial-")), **values} if sweep.num_trials else values


def _run_row(result: RunResult, sweep: Sweep) -> Row:
    scores = {kind: result.status.scores.get(kind, "") for kind in CRITERIA}
    criterion = {"criterion": scores[sweep.criterion]}
    return {**_run_columns(result, sweep), "state": result.status.state, **criterion, **scores}


def _show(value: object) -> str:
    return show(value, DIGITS) if isinstance(value, bool | int | float | str) else ""
