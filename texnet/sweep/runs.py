"""The runs of a sweep, one after the other: trained or continued, then judged; what is done is left alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from texnet.checkpoint import load_checkpoint, restore_generator
from texnet.sweep.judge import Judges
from texnet.sweep.outcome import DIVERGED, DONE, PRUNED, UNFINISHED, Outcome, is_trained, read_outcome
from texnet.sweep.settings import Setting, Sweep
from texnet.training import Training
from texnet.training.run import LATEST, SHARED
from texnet.training.watched import fit_watched


@dataclass(frozen=True)
class Worker:
    """Where runs are trained, when to stop, and whom to tell."""

    device: torch.device
    judges: Judges
    stop_requested: Callable[[], bool]
    tell: Callable[[str], None]


class Watch:
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
        if read_outcome(setting.folder).state != UNFINISHED:
            continue
        worker.tell(f"[{number}/{len(settings)}] {setting.name}")
        outcome = run_one(setting, worker, Watch())
        if outcome.state == UNFINISHED:
            return False
        worker.tell(describe(outcome, sweep))
        after_run()
    return True


def run_one(setting: Setting, worker: Worker, watch: Watch) -> Outcome:
    """Train a run, or the rest of it, and judge it; UNFINISHED, with everything saved, if a stop was requested before."""
    outcome = Outcome(DONE) if is_trained(setting.folder) else _train(setting, worker, watch)
    if outcome.state == DONE:
        generator = restore_generator(load_checkpoint(setting.folder / SHARED))
        outcome = Outcome(DONE, worker.judges.judge_of(setting)(generator))
    if outcome.state != UNFINISHED:
        outcome.write(setting.folder)
    return outcome


def describe(outcome: Outcome, sweep: Sweep) -> str:
    """What became of a run, in a few words."""
    return f"criterion {outcome.verdict[sweep.criterion]:.4f}" if outcome.state == DONE else outcome.state


def _train(setting: Setting, worker: Worker, watch: Watch) -> Outcome:
    latest = setting.folder / LATEST
    try:
        _, done = fit_watched(
            setting.config,
            setting.folder,
            device=worker.device,
            stop_requested=lambda: watch.gives_up or worker.stop_requested(),
            resume_from=load_checkpoint(latest) if latest.is_file() else None,
            after_step=watch.after_step,
        )
    except FloatingPointError as error:
        worker.tell(f"{setting.name}: {error}")
        return Outcome(DIVERGED)
    return Outcome(DONE if done else PRUNED if watch.gives_up else UNFINISHED)
