"""The runs of a sweep, one after the other: trained or continued, then evaluated; finished ones are left alone.

The state of a grid is in its runs' folders alone, not in an Optuna storage like that of a search (:mod:`texnet.sweep.search`):
it keeps its order when it is stopped or gets more values, a run that was cut off continues at once instead of after a grace
period, and a run whose folder is deleted is trained again. Optuna's grids also refuse a value that was not there from the
start.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch

from texnet.checkpoint import Checkpoint
from texnet.errors import UserError
from texnet.files import read_json, write_atomically
from texnet.monitoring import build_console
from texnet.shipped import STYLE_FILE
from texnet.sweep.criterion import CRITERIA, EvaluatorCache, Scores, score_generator
from texnet.sweep.settings import Setting, Sweep
from texnet.training import Callback, fit
from texnet.training.run_folder import LATEST

STATUS_FILE = "status.json"
DONE, PRUNED, DIVERGED, UNFINISHED = "done", "pruned", "diverged", "unfinished"


@dataclass(frozen=True)
class RunStatus:
    """Done and evaluated, pruned because others were better, diverged, or not at its end yet; ``scores`` where it is done."""

    state: str = UNFINISHED
    scores: Scores = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Keep it in a run's folder."""
        content = {"state": self.state, "criterion": self.scores}
        write_atomically(folder / STATUS_FILE, json.dumps(content, indent=2).encode())


def read_status(folder: Path) -> RunStatus:
    """The status of the run in a folder; unfinished where the file is missing or damaged: it is evaluated again."""
    try:
        content = read_json(folder / STATUS_FILE)
        state, scores = content["state"], content["criterion"]
        good = all(math.isfinite(scores[kind]) for kind in (CRITERIA if state == DONE else ()))
    except (FileNotFoundError, UserError, TypeError, KeyError):
        return RunStatus()
    return RunStatus(state, scores) if good and state in (DONE, PRUNED, DIVERGED) else RunStatus()


@dataclass(frozen=True)
class Worker:
    """Where runs are trained and evaluated, when to stop, and where messages go."""

    device: torch.device
    evaluators: EvaluatorCache
    stop_requested: Callable[[], bool]
    log: Callable[[str], None]


def run_grid(sweep: Sweep, worker: Worker, after_run: Callable[[], object]) -> bool:
    """Train and evaluate all combinations; False, with everything saved, if a stop was requested before the end."""
    settings = sweep.grid()
    for number, setting in enumerate(settings, start=1):
        if worker.stop_requested():
            return False
        if read_status(setting.folder).state != UNFINISHED:
            continue
        worker.log(f"[{number}/{len(settings)}] {setting.name}")
        status = run_one(setting, worker, Callback())
        if status.state == UNFINISHED:
            return False
        worker.log(describe(status, sweep))
        after_run()
    return True


def run_one(setting: Setting, worker: Worker, callback: Callback) -> RunStatus:
    """Train a run, or the rest of it, and evaluate it; UNFINISHED, with everything saved, if a stop was requested before."""
    is_trained = (setting.folder / STYLE_FILE).is_file()
    status = RunStatus(DONE) if is_trained else _train(setting, worker, callback)
    if status.state == DONE:
        generator = Checkpoint.load(setting.folder / STYLE_FILE).generator()
        status = RunStatus(DONE, score_generator(worker.evaluators.evaluator_for(setting), generator))
    if status.state != UNFINISHED:
        status.write(setting.folder)
    return status


def describe(status: RunStatus, sweep: Sweep) -> str:
    """What became of a run, in a few words."""
    return f"criterion {status.scores[sweep.criterion]:.4f}" if status.state == DONE else status.state


def _train(setting: Setting, worker: Worker, callback: Callback) -> RunStatus:
    latest = setting.folder / LATEST
    try:
        result = fit(
            setting.config,
            setting.folder,
            device=worker.device,
            monitor=build_console(setting.config.run, is_main=True),
            callbacks=[callback],
            stop_requested=worker.stop_requested,
            resume_from=Checkpoint.load(latest) if latest.is_file() else None,
        )
    except FloatingPointError as error:
        worker.log(f"{setting.name}: {error}")
        return RunStatus(DIVERGED)
    return RunStatus(DONE if result.done else PRUNED if callback.gives_up else UNFINISHED)
