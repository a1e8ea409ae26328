"""The runs of a sweep, one after the other: trained or continued, then judged; what is done is left alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from texnet.checkpoint import Checkpoint
from texnet.sweep.criterion import EvaluatorCache
from texnet.sweep.run_status import DIVERGED, DONE, PRUNED, UNFINISHED, RunStatus, is_trained, read_status
from texnet.sweep.settings import Setting, Sweep
from texnet.training import Training
from texnet.training.fit import fit_watched
from texnet.training.run_dir import LATEST, STYLE_FILE


@dataclass(frozen=True)
class Worker:
    """Where runs are trained, when to stop, and whom to tell."""

    device: torch.device
    evaluators: EvaluatorCache
    stop_requested: Callable[[], bool]
    log: Callable[[str], None]


class Callback:
    """Looks on while a run is trained, and may give it up by setting ``gives_up``."""

    gives_up = False

    def after_step(self, training: Training) -> None:
        """Called after each step."""


def run_grid(sweep: Sweep, worker: Worker, after_run: Callable[[], object]) -> bool:
    """Train and judge all combinations; False, with everything saved, if a stop was requested before the end."""
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
    """Train a run, or the rest of it, and judge it; UNFINISHED, with everything saved, if a stop was requested before."""
    status = RunStatus(DONE) if is_trained(setting.folder) else _train(setting, worker, callback)
    if status.state == DONE:
        generator = Checkpoint.load(setting.folder / STYLE_FILE).generator()
        status = RunStatus(DONE, worker.evaluators.evaluator_for(setting)(generator))
    if status.state != UNFINISHED:
        status.write(setting.folder)
    return status


def describe(status: RunStatus, sweep: Sweep) -> str:
    """What became of a run, in a few words."""
    return f"criterion {status.scores[sweep.criterion]:.4f}" if status.state == DONE else status.state


def _train(setting: Setting, worker: Worker, callback: Callback) -> RunStatus:
    latest = setting.folder / LATEST
    try:
        _, done = fit_watched(
            setting.config,
            setting.folder,
            device=worker.device,
            stop_requested=lambda: callback.gives_up or worker.stop_requested(),
            resume_from=Checkpoint.load(latest) if latest.is_file() else None,
            after_step=callback.after_step,
        )
    except FloatingPointError as error:
        worker.log(f"{setting.name}: {error}")
        return RunStatus(DIVERGED)
    return RunStatus(DONE if done else PRUNED if callback.gives_up else UNFINISHED)
