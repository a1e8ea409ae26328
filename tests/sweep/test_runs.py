"""Runs of a grid: each is trained once, a stopped one goes on, a diverged one does not end the sweep."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.sweep.helpers import WEIGHTS, MakeSweep, stop_after, worker_for
from texnet.checkpoint import Checkpoint
from texnet.monitoring.jsonl import METRICS, read_metrics
from texnet.sweep.run_status import read_status
from texnet.sweep.runs import Callback, run_grid, run_one
from texnet.sweep.settings import Sweep


def nothing() -> None:
    """Done after each run."""


def losses(sweep: Sweep) -> list[list[float]]:
    return [[line["loss"] for line in read_metrics(setting.folder / METRICS)] for setting in sweep.grid()]


def written(sweep: Sweep) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in sorted(sweep.folder.rglob("*")) if path.is_file()}


def test_every_combination_is_trained_in_its_folder_and_judged(make_sweep: MakeSweep) -> None:
    sweep, told = make_sweep(WEIGHTS), []
    assert run_grid(sweep, worker_for(sweep), lambda: told.append(len(told)))
    for setting in sweep.grid():
        names = {path.name for path in setting.folder.iterdir()}
        assert {"config.json", "metrics.jsonl", "latest.pt", "style.pt"} <= names
        assert Checkpoint.load(setting.folder / "style.pt").loss_config.style_weight == setting.values["style_weight"]
        assert read_status(setting.folder).state == "done"
    assert told == [0, 1]


def test_what_is_done_is_not_touched_again(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(WEIGHTS)
    run_grid(sweep, worker_for(sweep), nothing)
    before = written(sweep)
    assert run_grid(sweep, worker_for(sweep), nothing)
    assert written(sweep) == before


def test_a_run_that_was_trained_but_not_judged_is_only_judged(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(WEIGHTS)
    setting = sweep.grid()[0]
    status = run_one(setting, worker_for(sweep), Callback())
    trained = (setting.folder / "style.pt").stat().st_mtime_ns
    (setting.folder / "status.json").unlink()
    assert run_one(setting, worker_for(sweep), Callback()) == status
    assert (setting.folder / "style.pt").stat().st_mtime_ns == trained


@pytest.mark.parametrize("questions", [1, 3, 8])
def test_a_sweep_that_was_stopped_goes_on_to_the_losses_of_one_that_was_not(make_sweep: MakeSweep, questions: int) -> None:
    whole, stopped = make_sweep(WEIGHTS, folder="whole"), make_sweep(WEIGHTS, folder="stopped")
    assert run_grid(whole, worker_for(whole), nothing)
    assert not run_grid(stopped, worker_for(stopped, stop_after(questions)), nothing)
    assert run_grid(stopped, worker_for(stopped), nothing)
    assert losses(stopped) == losses(whole)
    verdicts = [[read_status(setting.folder) for setting in sweep.grid()] for sweep in (whole, stopped)]
    assert verdicts[0] == verdicts[1]


def test_a_combination_that_diverges_is_marked_and_the_others_are_trained(make_sweep: MakeSweep) -> None:
    sweep = make_sweep({"style_weight": (3e38, 1.0)})
    assert run_grid(sweep, worker_for(sweep), nothing)
    assert [read_status(setting.folder).state for setting in sweep.grid()] == ["diverged", "done"]


def test_only_one_training_is_in_memory_at_a_time(make_sweep: MakeSweep) -> None:
    import gc
    import weakref

    from texnet.training import Training

    alive: list[weakref.ref[torch.nn.Module]] = []

    class Count(Callback):
        def after_step(self, training: Training) -> None:
            alive.append(weakref.ref(training.trainer.generator))

    sweep = make_sweep(WEIGHTS)
    run_one(sweep.grid()[0], worker_for(sweep), Count())
    gc.collect()
    assert alive
    assert all(reference() is None for reference in alive)
