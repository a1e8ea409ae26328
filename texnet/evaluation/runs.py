"""Runs against the clock: the loss of each kept checkpoint, by one yardstick, over the minutes that training took."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from matplotlib.figure import Figure

from texnet.checkpoint import load_checkpoint
from texnet.config import EvaluateConfig
from texnet.evaluation.judging import judge
from texnet.evaluation.painters import load_raw
from texnet.evaluation.results import Moment, RunCurve
from texnet.evaluation.yardstick import Yardstick
from texnet.figures import save_figure, tidy
from texnet.training.run import LATEST


def find_moments(folder: Path) -> dict[Path, tuple[int, float]]:
    """The checkpoints of a run in the order of training, one for each step, with that step and the seconds until then.

    FileNotFoundError where a folder has none.
    """
    found: dict[int, tuple[Path, float]] = {}
    for path in sorted(folder.glob("*.pt")):
        content = load_checkpoint(path)
        if "seconds" in content:
            found[content["step"]] = path, content["seconds"]
    if (folder / LATEST).is_file():  # what lies beyond it is of a course that --resume left
        last = load_checkpoint(folder / LATEST)["step"]
        found = {step: moment for step, moment in found.items() if step <= last}
    if not found:
        raise FileNotFoundError(f"--runs {folder}: no checkpoints of a run in it")
    return {path: (step, seconds) for step, (path, seconds) in sorted(found.items())}


def measure_run(folder: str, yardstick: Yardstick, config: EvaluateConfig, device: torch.device) -> RunCurve:
    """The mean loss of the photos at each kept checkpoint of a run's folder, painted at the raw noise factor."""
    moments = []
    for path, (step, seconds) in find_moments(Path(folder)).items():
        terms = judge(load_raw(str(path), device), yardstick.loss, yardstick.photos, config.noise_factor, config.seed)
        moments.append(Moment(step, seconds / 60, terms["loss"], terms["content"], terms["style"]))
    return RunCurve(Path(folder).resolve().name, folder, moments)


def draw_runs(runs: Sequence[RunCurve], path: Path) -> None:
    """Loss over minutes, a line for each run."""
    figure = Figure(figsize=(9, 4.5), dpi=100, layout="constrained")
    panel = figure.subplots()
    for run in runs:
        panel.plot([at.minutes for at in run.moments], [at.loss for at in run.moments], marker="o", label=run.name)
    panel.set_xlabel("minutes of training")
    panel.set_ylabel("loss")
    tidy(panel, "loss on held-out photos against time")
    panel.legend(frameon=False)
    save_figure(figure, path)
