"""Trainings compared: the loss of each kept checkpoint over the minutes, and the regret of one network for all strengths.

Both stylize with uncalibrated factors: by these the loss of a training is weighed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import torch

from texnet.checkpoint import Checkpoint
from texnet.config import EvaluateConfig
from texnet.errors import UserError
from texnet.evaluation.evaluator import Evaluator
from texnet.evaluation.networks import load_uncalibrated
from texnet.training.run_folder import LATEST


@dataclass(frozen=True)
class CheckpointScore:
    """A checkpoint of a run: when it was saved and its weighted terms."""

    step: int
    minutes: float
    loss: float
    content: float
    style: float


@dataclass(frozen=True)
class RunCurve:
    """A run's checkpoints in the order of training."""

    name: str
    path: str
    scores: list[CheckpointScore]


@dataclass(frozen=True)
class SingleStrengthBaseline:
    """A network that was trained for one uncalibrated factor alone: after how many steps it has which loss there."""

    factor: float
    steps: int
    loss: float


@dataclass(frozen=True)
class Regret:
    """A network's losses at some uncalibrated factors beside those of baselines: the ratios less 1."""

    factors: list[float]
    losses: list[float]
    baseline_losses: list[float]
    regrets: list[float]
    mean: float
    max: float
    steps: int
    baseline_steps: list[int]


def measure_run(
    folder: str,
    evaluator: Evaluator,
    config: EvaluateConfig,
    device: torch.device,
    on_damaged: Callable[[str], object] = lambda text: None,
) -> RunCurve:
    """The mean loss of the photos at each kept checkpoint of a run's folder, at the config's noise factor.

    ``on_damaged`` gets a line for each checkpoint that cannot be read.
    """
    scores = []
    for path, (step, minutes) in list_checkpoints(Path(folder), on_damaged).items():
        terms = _score(str(path), evaluator, config.noise_factor, config.seed, device)
        scores.append(CheckpointScore(step, minutes, terms["loss"], terms["content"], terms["style"]))
    return RunCurve(Path(folder).resolve().name, folder, scores)


def list_checkpoints(folder: Path, on_damaged: Callable[[str], object] = lambda text: None) -> dict[Path, tuple[int, float]]:
    """The checkpoints of a run in the order of training, one for each step, with that step and the minutes until then.

    FileNotFoundError where a folder has none that can be read; ``on_damaged`` gets a line for each that cannot.
    """
    found: dict[int, tuple[Path, float]] = {}
    last = math.inf
    for path in sorted(folder.glob("*.pt")):
        try:
            checkpoint = Checkpoint.load(path)
        except (UserError, OSError) as error:
            on_damaged(str(error))
            continue
        if checkpoint.term_norm:
            found[checkpoint.training.steps] = path, checkpoint.training.minutes
        if path.name == LATEST:
            last = checkpoint.training.steps
    found = {step: moment for step, moment in found.items() if step <= last}  # later ones: of a course that --resume left
    if not found:
        raise FileNotFoundError(f"--runs {folder}: no checkpoints of a run in it")
    return {path: (step, minutes) for step, (path, minutes) in sorted(found.items())}


def measure_single_strength(path: str, evaluator: Evaluator, seed: int, device: torch.device) -> SingleStrengthBaseline:
    """The network of a file that was trained with --fixed_noise_factor; ValueError for one of another kind."""
    factor = load_uncalibrated(path, device).fixed_noise_factor
    if not factor:
        raise UserError(f"--regret {path}: not trained for one strength alone; train it with --fixed_noise_factor F")
    return SingleStrengthBaseline(factor, _steps(path), _score(path, evaluator, factor, seed, device)["loss"])


def measure_regret(
    path: str, baselines: Sequence[SingleStrengthBaseline], evaluator: Evaluator, seed: int, device: torch.device
) -> Regret:
    """By how much the network of a file, which has strength control, is worse than each baseline at that one's factor."""
    baselines = sorted(baselines, key=lambda single: single.factor)
    losses = [_score(path, evaluator, single.factor, seed, device)["loss"] for single in baselines]
    regrets = [own / single.loss - 1 for own, single in zip(losses, baselines, strict=True)]
    return Regret(
        factors=[single.factor for single in baselines],
        losses=losses,
        baseline_losses=[single.loss for single in baselines],
        regrets=regrets,
        mean=fmean(regrets),
        max=max(regrets),
        steps=_steps(path),
        baseline_steps=[single.steps for single in baselines],
    )


def _score(path: str, evaluator: Evaluator, factor: float, seed: int, device: torch.device) -> dict[str, float]:
    stylizer = load_uncalibrated(path, device)
    return evaluator.score(lambda photo: stylizer(photo, factor, seed), factor)


def _steps(path: str) -> int:
    return Checkpoint.load(path).training.steps
