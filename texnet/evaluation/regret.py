"""What a dial costs: one network for all strengths, against networks of which each was trained for one alone.

All paint at their raw factors, past any calibration: a raw factor is what the loss of a training is weighed by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import torch
from torch import Tensor

from texnet.checkpoint import Checkpoint
from texnet.errors import UserError
from texnet.evaluation.adapters import load_uncalibrated
from texnet.evaluation.results import Regret
from texnet.evaluation.scoring import judge
from texnet.losses import PerceptualLoss


@dataclass(frozen=True)
class SingleStrengthBaseline:
    """A network that was trained for one raw factor alone: after how many steps it has which loss there."""

    factor: float
    steps: int
    loss: float


def measure_single_strength(
    path: str, loss: PerceptualLoss, photos: Tensor, seed: int, device: torch.device
) -> SingleStrengthBaseline:
    """The network of a file, trained with --fixed_noise_factor, on photos (N, 3, H, W); ValueError for one of another kind."""
    stylizer = load_uncalibrated(path, device)
    if not stylizer.fixed_noise_factor:
        raise UserError(f"--regret {path}: not trained for one strength alone; train it with --fixed_noise_factor F")
    own = judge(stylizer, loss, photos, stylizer.fixed_noise_factor, seed)["loss"]
    return SingleStrengthBaseline(stylizer.fixed_noise_factor, _steps(path), own)


def measure_regret(
    path: str,
    baselines: Sequence[SingleStrengthBaseline],
    loss: PerceptualLoss,
    photos: Tensor,
    seed: int,
    device: torch.device,
) -> Regret:
    """By how much the network of a file, which has a dial, is worse at each single one's factor than that."""
    stylizer = load_uncalibrated(path, device)
    baselines = sorted(baselines, key=lambda single: single.factor)
    losses = [judge(stylizer, loss, photos, single.factor, seed)["loss"] for single in baselines]
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


def _steps(path: str) -> int:
    return Checkpoint.load(path).training.steps
