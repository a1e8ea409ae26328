"""Guided search: Optuna proposes the settings (TPE, Bergstra et al. 2011) and prunes the runs that look worst.

Any number of processes may search together: each takes the next trial from the storage they share. A trial that is
stopped or cut off is queued again, with its folder, for whichever process comes next.
"""

from __future__ import annotations

import logging
import sqlite3
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import optuna
from optuna.trial import FrozenTrial, Trial, TrialState
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from texnet.errors import UserError
from texnet.evaluation.evaluator import Evaluator
from texnet.rng import derive_seed
from texnet.sweep.criterion import score_generator
from texnet.sweep.runs import DONE, UNFINISHED, Worker, describe, run_one
from texnet.sweep.settings import Sweep, Value, Values, is_logarithmic, is_range, show
from texnet.training import Callback, Trainer

DATABASE = "optuna.db"
MARKS = (25, 50, 75)  # percent of a training after which its model is evaluated, and pruned where others were better
NUM_RANDOM_TRIALS = 5  # before the first that is guided, or pruned
HEARTBEAT, GRACE_PERIOD = 30, 120  # seconds: a trial without heartbeat for so long was cut off
OPENING_ATTEMPTS, OPENING_PAUSE = 4, 0.5  # seconds
COUNTED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)
CONTINUES = "continues"


class _SurplusTrial(Exception):
    """Another process took the last trial at the same time."""


class _Stopped(Exception):
    """A stop was requested while a trial was trained."""


class PruningCallback(Callback):
    """Reports the criterion of the model in training to Optuna a few times, and prunes the run when Optuna says so."""

    def __init__(self, trial: Trial, evaluator: Evaluator, criterion: str) -> None:
        self._trial = trial
        self._evaluator = evaluator
        self._criterion = criterion
        self._mark = 0

    def after_step(self, trainer: Trainer) -> None:
        passed = max((mark for mark in MARKS if mark <= 100 * trainer.progress < 100), default=0)
        if passed > self._mark:
            self._mark = passed
            scores = score_generator(self._evaluator, trainer.ema_generator)
            self._trial.report(scores[self._criterion], passed)
            self.gives_up = self._trial.should_prune()


def run_search(sweep: Sweep, storage: str, worker: Worker, after_run: Callable[[], object]) -> bool:
    """Run trials until there are ``sweep.num_trials``; False, with everything saved, if a stop was requested before."""
    study = open_study(sweep, storage)
    while _count(study) < sweep.num_trials:
        if worker.stop_requested():
            return False
        try:
            study.optimize(partial(_run_trial, sweep, worker), n_trials=1, catch=(_SurplusTrial,))
        except _Stopped:
            return False
        after_run()
    running = sum(trial.state == TrialState.RUNNING for trial in study.get_trials(deepcopy=False))
    if running:
        worker.log(f"{running} trials run elsewhere or were cut off; in {GRACE_PERIOD} seconds the same command continues them")
    return True


def open_study(sweep: Sweep, storage: str) -> optuna.Study:
    """The study of a sweep in a storage, begun or continued; default: SQLite in the sweep's folder, whatever its name is.

    A path inside an URL would be cut at a question mark.
    """
    optuna.logging.disable_default_handler()
    logging.getLogger("optuna").setLevel(logging.CRITICAL)
    pruner = optuna.pruners.MedianPruner(n_startup_trials=NUM_RANDOM_TRIALS)
    folder = sweep.folder.resolve()
    name = folder.name.encode(errors="backslashreplace").decode()
    if storage:
        opened = _open(storage)
    else:
        opened = _open("sqlite://", creator=partial(sqlite3.connect, folder / DATABASE), poolclass=NullPool)
        known = optuna.get_all_study_names(opened)
        name = known[0] if len(known) == 1 else name  # also after the folder was renamed
    return optuna.create_study(storage=opened, pruner=pruner, study_name=name, load_if_exists=True)


def _open(url: str, attempts: int = OPENING_ATTEMPTS, **engine: Any) -> optuna.storages.RDBStorage:
    """Connect, and make the tables where there are none: again if another process makes them at the same time."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            return optuna.storages.RDBStorage(
                url,
                engine_kwargs=engine,
                heartbeat_interval=HEARTBEAT,
                grace_period=GRACE_PERIOD,
                heartbeat_stale_trial_callback=_queue_again,
            )
    except (SQLAlchemyError, ImportError) as error:
        if isinstance(error, DBAPIError) and attempts > 1:
            time.sleep(OPENING_PAUSE)
            return _open(url, attempts - 1, **engine)
        raise UserError(f"--storage: the database cannot be used: {str(error).splitlines()[0]}") from error


def _run_trial(sweep: Sweep, worker: Worker, trial: Trial) -> float:
    """A trial: train and evaluate the settings that Optuna proposes; the criterion."""
    study = trial.study
    if sum(other.number < trial.number and other.state in COUNTED for other in study.get_trials()) >= sweep.num_trials:
        raise _SurplusTrial
    # seeded by the trial: neither a continued search nor a second process proposes the same again
    seed = derive_seed(sweep.base.optim.seed, "trial", trial.number) % 2**32
    study.sampler = optuna.samplers.TPESampler(n_startup_trials=NUM_RANDOM_TRIALS, seed=seed, multivariate=False)
    setting = sweep.setting(_folder_name(trial.number), _suggest(trial, sweep))
    _take_over(trial, sweep.folder, setting.folder)
    worker.log(f"{setting.name}: " + ", ".join(f"{n} {show(v, 4)}" for n, v in setting.values.items()))
    try:
        status = run_one(setting, worker, PruningCallback(trial, worker.evaluators.evaluator_for(setting), sweep.criterion))
        if status.state == UNFINISHED:
            raise _Stopped
    except BaseException:
        _queue_again(study, study.get_trials()[trial.number])
        raise
    worker.log(describe(status, sweep))
    if status.state != DONE:
        raise optuna.TrialPruned
    return status.scores[sweep.criterion]


def _suggest(trial: Trial, sweep: Sweep) -> Values:
    return {name: _suggest_value(trial, name, values) for name, values in sweep.axes.items()}


def _suggest_value(trial: Trial, name: str, values: tuple[Value, ...]) -> Value:
    if not is_range(values):
        return cast(Value, trial.suggest_categorical(name, values))
    low, high = sorted(values)  # type: ignore[type-var]
    if all(isinstance(value, int) for value in values):
        return trial.suggest_int(name, int(low), int(high), log=is_logarithmic(values))
    return trial.suggest_float(name, float(low), float(high), log=is_logarithmic(values))


def _queue_again(study: optuna.Study, trial: FrozenTrial) -> None:
    """Queue the same settings as a new trial, which continues the folder of this one."""
    history = [*trial.user_attrs.get(CONTINUES, []), trial.number]
    study.enqueue_trial(trial.params, user_attrs={CONTINUES: history})


def _take_over(trial: Trial, parent: Path, folder: Path) -> None:
    """Give the folder of the trial that this one continues, if it came to have one, this one's name."""
    for number in reversed(trial.user_attrs.get(CONTINUES, [])):
        before = parent / _folder_name(number)
        if before.is_dir() and not folder.exists():
            before.rename(folder)


def _folder_name(number: int) -> str:
    return f"trial-{number:04d}"


def _count(study: optuna.Study) -> int:
    return sum(trial.state in COUNTED for trial in study.get_trials(deepcopy=False))
