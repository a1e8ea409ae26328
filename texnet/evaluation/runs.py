"""Runs against the clock: the loss of each kept checkpoint, by one yardstick, over the minutes that training took."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from matplotlib.figure import Figure

from texnet.checkpoint import Checkpoint
from texnet.config import EvaluateConfig
from texnet.evaluation.adapters import load_uncalibrated
from texnet.evaluation.results import CheckpointScore, RunCurve
from texnet.evaluation.scoring import judge
from texnet.evaluation.setup import EvalSetup
from texnet.reporting.plots import save_figure, tidy
from texnet.training.run_dir import LATEST


def list_checkpoints(folder: Path) -> dict[Path, tuple[int, float]]:
    """The checkpoints of a run in the order of training, one for each step, with that step and the minutes until then.

    FileNotFoundError where a folder has none.
    """
    found: dict[int, tuple[Path, float]] = {}
    for path in sorted(folder.glob("*.pt")):
        checkpoint = Checkpoint.load(path)
        if checkpoint.term_norm:
            found[checkpoint.training.steps] = path, checkpoint.training.minutes
    if (folder / LATEST).is_file():  # what lies beyond it is of a course that --resume left
        last = Checkpoint.load(folder / LATEST).training.steps
        found = {step: moment for step, moment in found.items() if step <= last}
    if not found:
        raise FileNotFoundError(f"--runs {folder}: no checkpoints of a run in it")
    return {path: (step, minutes) for step, (path, minutes) in sorted(found.items())}


def measure_run(folder: str, setup: EvalSetup, config: EvaluateConfig, device: torch.device) -> RunCurve:
    """The mean loss of the photos at each kept checkpoint of a run's folder, painted at the raw noise factor."""
    scores = []
    for path, (step, minutes) in list_checkpoints(Path(folder)).items():
        terms = judge(load_uncalibrated(str(path), device), setup.loss, setup.photos, config.noise_factor, config.seed)
        scores.append(CheckpointScore(step, minutes, terms["loss"], terms["content"], terms["style"]))
    return RunCurve(Path(folder).resolve().name, folder, scores)


def draw_runs(runs: Sequence[RunCurve], path: Path) -> None:
    """Loss over minutes, a line for each run."""
    figure = Figure(figsize=(9, 4.5), dpi=100, layout="constrained")
    panel = figure.subplots()
    for run in runs:
        panel.plot([at.minutes for at in run.scores], [at.loss for at in run.scores], marker="o", label=run.name)
    panel.set_xlabel("minutes of training")
    panel.set_ylabel("loss")
    tidy(panel, "loss on held-out photos against time")
    panel.legend(frameon=False)
    save_figure(figure, path)
