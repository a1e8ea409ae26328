"""Runs of a grid: each is trained once, a stopped one continues, a diverged one does not end the sweep."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.sweep.helpers import WEIGHTS, MakeSweep, nothing, stop_after, worker_for
from texnet.checkpoint import Checkpoint
from texnet.monitoring.jsonl import METRICS, read_metrics
from texnet.sweep.runs import read_status, run_grid, run_one
from texnet.sweep.settings import Sweep
from texnet.training import Callback, Trainer


def losses(sweep: Sweep) -> list[list[float]]:
    return [[line["loss"] for line in read_metrics(setting.folder / METRICS)] for setting in sweep.grid()]


def written(sweep: Sweep) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in sorted(sweep.folder.rglob("*")) if path.is_file()}


def test_every_combination_is_trained_in_its_folder_and_evaluated(trained: Sweep) -> None:
    for setting in trained.grid():
        names = {path.name for path in setting.folder.iterdir()}
        assert {"config.json", "metrics.jsonl", "latest.pt", "style.pt"} <= names
        assert Checkpoint.load(setting.folder / "style.pt").loss_config.style_weight == setting.values["style_weight"]
        assert read_status(setting.folder).state == "done"


def test_what_is_done_is_not_touched_again(trained: Sweep) -> None:
    before = written(trained)
    assert run_grid(trained, worker_for(trained), nothing)
    assert written(trained) == before


def test_a_run_that_was_trained_but_not_evaluated_is_only_evaluated(trained_copy: Sweep) -> None:
    setting = trained_copy.grid()[0]
    status, trained = read_status(setting.folder), (setting.folder / "style.pt").stat().st_mtime_ns
    (setting.folder / "status.json").unlink()
    assert run_one(setting, worker_for(trained_copy), Callback()) == status
    assert (setting.folder / "style.pt").stat().st_mtime_ns == trained


@pytest.mark.slow
def test_a_sweep_that_was_stopped_continues_to_the_losses_of_one_that_was_not(make_sweep: MakeSweep, trained: Sweep) -> None:
    stopped = make_sweep(WEIGHTS, epochs=2)
    ends: list[int] = []
    for questions in (1, 4, 14):  # before the first run, in it, and in the second
        assert not run_grid(stopped, worker_for(stopped, stop_after(questions)), lambda: ends.append(1))
    assert len(ends) == 1
    assert run_grid(stopped, worker_for(stopped), lambda: ends.append(1))
    assert len(ends) == 2
    assert losses(stopped) == losses(trained)
    statuses = [[read_status(setting.folder) for setting in sweep.grid()] for sweep in (trained, stopped)]
    assert statuses[0] == statuses[1]


@pytest.mark.slow
def test_values_that_are_added_later_are_trained_and_the_others_left_alone(trained_copy: Sweep) -> None:
    before = written(trained_copy)
    more = Sweep(trained_copy.folder, trained_copy.base, {"style_weight": (30.0, 5.0, 1.0)})
    logged: list[str] = []
    assert run_grid(more, replace(worker_for(more), log=logged.append), nothing)
    assert logged[0] == "[2/3] style_weight=5" and len(logged) == 2
    assert written(trained_copy).items() >= before.items()


def test_a_combination_that_diverges_is_marked_and_the_others_are_trained(make_sweep: MakeSweep) -> None:
    sweep = make_sweep({"style_weight": (3e38, 1.0)}, epochs=0, max_steps=1)
    assert run_grid(sweep, worker_for(sweep), nothing)
    assert [read_status(setting.folder).state for setting in sweep.grid()] == ["diverged", "done"]


def test_only_one_training_is_in_memory_at_a_time(make_sweep: MakeSweep) -> None:
    alive: list[weakref.ref[torch.nn.Module]] = []

    class Count(Callback):
        def after_step(self, trainer: Trainer) -> None:
            alive.append(weakref.ref(trainer.generator))

    sweep = make_sweep(WEIGHTS, epochs=0, max_steps=1)
    run_one(sweep.grid()[0], worker_for(sweep), Count())
    gc.collect()
    assert alive
    assert all(reference() is None for reference in alive)
