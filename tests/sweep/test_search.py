"""Guided search: trials are continued, pruned, queued again, and shared between processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.helpers import NOT_SWEPT
from tests.helpers import REPOSITORY
from tests.sweep.helpers import MakeSweep, stop_after, worker_for
from tests.test_end_to_end import flags
from texnet.monitoring.jsonl import METRICS, read_metrics
from texnet.sweep.runs import read_status
from texnet.sweep.settings import Axes, Sweep
from texnet.sweep.table import collect, epoch_rows

optuna = pytest.importorskip("optuna", reason="a search needs the extra sweep")
search = pytest.importorskip("texnet.sweep.search")

by_hand = pytest.mark.filterwarnings("ignore:Heartbeat of storage")  # trials that are not trained
SPACE: Axes = {"style_weight": (1.0, 100.0), "width": (4, 6, 8)}


def run(sweep: Sweep, stop_requested: Callable[[], bool] = lambda: False) -> bool:
    sweep.folder.mkdir(parents=True, exist_ok=True)
    done: bool = search.run_search(sweep, "", worker_for(sweep, stop_requested), lambda: None)
    return done


def study_of(sweep: Sweep) -> optuna.Study:
    sweep.folder.mkdir(parents=True, exist_ok=True)
    return search.open_study(sweep, "")


def values(sweep: Sweep) -> list[dict[str, object]]:
    return [dict(result.setting.values) for result in collect(sweep)]


def states(sweep: Sweep) -> list[str]:
    return [trial.state.name for trial in study_of(sweep).get_trials()]


@pytest.mark.slow
def test_a_search_trains_as_many_trials_as_were_asked_for_and_a_rerun_the_missing_ones(make_sweep: MakeSweep) -> None:
    assert run(make_sweep(SPACE, search=1))
    first = values(make_sweep(SPACE, search=1))
    assert run(make_sweep(SPACE, search=3))
    after = values(make_sweep(SPACE, search=3))
    assert (len(first), len(after), after[:1]) == (1, 3, first)
    assert all(1 <= point["style_weight"] <= 100 and point["width"] in (4, 6, 8) for point in after)  # type: ignore[operator]
    assert len({point["style_weight"] for point in after}) == 3
    assert run(make_sweep(SPACE, search=2))
    assert len(values(make_sweep(SPACE, search=2))) == 3


@by_hand
@pytest.mark.parametrize(
    "name", ["what?", "a#b", "50%", "%3F", "two words", "Gemälde 画", "{x}", "a&mode=memory", "\udcff", "[a]"]
)
def test_the_database_is_in_the_sweeps_folder_whatever_that_is_called(make_sweep: MakeSweep, tmp_path: Path, name: str) -> None:
    sweep = make_sweep(SPACE, folder=name, search=1)
    study_of(sweep).ask()
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("photos", "stripes.png")] == [name]
    assert (sweep.folder / search.DATABASE).is_file()
    assert len(study_of(sweep).get_trials()) == 1


@by_hand
def test_a_renamed_sweep_keeps_its_trials(make_sweep: MakeSweep) -> None:
    study_of(make_sweep(SPACE, folder="before", search=1)).ask()
    after = make_sweep(SPACE, folder="after", search=1)
    make_sweep(SPACE, folder="before", search=1).folder.rename(after.folder)
    assert len(study_of(after).get_trials()) == 1


@pytest.mark.slow
def test_the_study_knows_the_criterion_of_each_trial(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(SPACE, search=2, criterion="content")
    run(sweep)
    values = [trial.value for trial in study_of(sweep).get_trials()]
    assert values == [read_status(result.setting.folder).scores["content"] for result in collect(sweep)]


@pytest.mark.slow
def test_a_search_that_was_stopped_continues_the_trial_where_it_was(make_sweep: MakeSweep) -> None:
    whole, stopped = make_sweep(SPACE, folder="whole", search=1), make_sweep(SPACE, folder="stopped", search=1)
    assert run(whole)
    assert not run(stopped, stop_after(3))
    assert run(stopped)
    assert states(stopped) == ["FAIL", "COMPLETE"]
    assert values(stopped) == values(whole)
    assert [path.name for path in stopped.folder.glob("trial-*")] == ["trial-0001"]
    lines = [read_metrics(sweep.folder / name / METRICS) for sweep, name in ((whole, "trial-0000"), (stopped, "trial-0001"))]
    assert [line["loss"] for line in lines[0]] == [line["loss"] for line in lines[1]]


@pytest.mark.slow
@by_hand
def test_a_trial_that_was_cut_off_is_continued_by_the_next(make_sweep: MakeSweep, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = make_sweep(SPACE, search=1)
    monkeypatch.setattr(search, "HEARTBEAT", 1)
    monkeypatch.setattr(search, "GRACE_PERIOD", 1)
    dead = study_of(sweep).ask()
    search._suggest(dead, sweep)
    study_of(sweep)._storage.record_heartbeat(dead._trial_id)
    folder = sweep.folder / "trial-0000"
    folder.mkdir()
    (folder / "mark").touch()
    time.sleep(2.5)
    assert run(make_sweep(SPACE, search=2))
    assert "FAIL" in states(sweep)
    continued = next(path.parent for path in sweep.folder.glob("trial-*/mark"))
    assert continued.name != "trial-0000"
    assert read_status(continued).state == "done"


@pytest.mark.slow
def test_a_trial_that_is_worse_than_others_is_pruned_and_marked(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(SPACE, search=search.NUM_RANDOM_TRIALS + 1, epochs=2)
    study = study_of(sweep)
    for number in range(search.NUM_RANDOM_TRIALS):  # all of them better than a model can be
        trial = optuna.create_trial(
            params={"style_weight": 2.0 + number, "width": 4},
            distributions={
                "style_weight": optuna.distributions.FloatDistribution(1.0, 100.0, log=True),
                "width": optuna.distributions.CategoricalDistribution((4, 6, 8)),
            },
            value=0.0,
            intermediate_values=dict.fromkeys(search.MARKS, 0.0),
        )
        study.add_trial(trial)
    assert run(sweep)
    assert states(sweep)[-1] == "PRUNED"
    (result,) = collect(sweep)
    assert result.status.state == "pruned"
    assert not (result.setting.folder / "style.pt").exists()
    steps = [line["step"] for line in read_metrics(result.setting.folder / METRICS)]
    assert max(steps) < 8
    assert {row["state"] for row in epoch_rows([result], sweep)} == {"pruned"}


@pytest.mark.slow
def test_the_model_in_training_is_evaluated_at_the_marks(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(SPACE, search=1, epochs=2)
    run(sweep)
    (trial,) = study_of(sweep).get_trials()
    assert list(trial.intermediate_values) == list(search.MARKS)


def test_a_trial_that_diverges_does_not_end_the_search(make_sweep: MakeSweep) -> None:
    sweep = make_sweep({"style_weight": (1e38, 3e38)}, search=1)
    assert run(sweep)
    assert [result.status.state for result in collect(sweep)] == ["diverged"]


@by_hand
def test_a_trial_too_many_is_taken_back(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(SPACE, search=1)
    study = study_of(sweep)
    first, surplus = study.ask(), study.ask()
    with pytest.raises(search._SurplusTrial):
        search._run_trial(sweep, worker_for(sweep), surplus)
    assert first.number == 0
    assert values(sweep) == []


def test_a_database_that_cannot_be_used_is_a_mistake_in_one_line(make_sweep: MakeSweep, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^--storage: the database cannot be used: "):
        search.open_study(make_sweep(SPACE, search=1), f"sqlite:///{tmp_path}/no/such/folder/a.db")
    with pytest.raises(ValueError, match=r"^--storage: the database cannot be used: "):
        search.open_study(make_sweep(SPACE, search=1), "no database at all")


@pytest.mark.slow
def test_two_processes_share_a_storage_and_never_a_trial(make_sweep: MakeSweep, tmp_path: Path) -> None:
    sweep = make_sweep(SPACE, search=3, epochs=0, max_steps=2)
    words = _words(sweep)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(REPOSITORY / "scripts" / "sweep.py"), *words]
    both = [
        subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    errors = [process.communicate(timeout=170)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], errors
    trials = study_of(sweep).get_trials()
    done = [trial.number for trial in trials if trial.state.name == "COMPLETE"]
    assert len(done) == 3
    folders = sorted(path.name for path in sweep.folder.glob("trial-*"))
    assert folders == [f"trial-{number:04d}" for number in done]
    assert len({json.dumps(trial.params) for trial in trials if trial.number in done}) == 3
    for folder in folders:
        assert [line["step"] for line in read_metrics(sweep.folder / folder / METRICS)] == [1, 2]


def _words(sweep: Sweep) -> list[str]:
    """The command line of a search of tiny trainings."""
    plain = flags(sweep.base, style_weight="", width="", **NOT_SWEPT)
    axes = [word for name, points in sweep.axes.items() for word in (f"--{name}", *map(str, points))]
    return [*plain, *axes, "--sweep_dir", str(sweep.folder), "--num_trials", str(sweep.num_trials)]
