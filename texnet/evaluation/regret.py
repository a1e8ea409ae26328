"""What a dial costs: one network for all strengths, against networks of which each was trained for one alone.

All paint at their raw factors, past any calibration: a raw factor is what the loss of a training is weighed by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import torch
from torch import Tensor

from texnet.checkpoint import load_checkpoint
from texnet.evaluation.judging import judge
from texnet.evaluation.painters import load_raw
from texnet.evaluation.results import Regret
from texnet.losses import PerceptualLoss


@dataclass(frozen=True)
class Single:
    """A network that was trained for one raw factor alone: after how many steps it has which loss there."""

    factor: float
    steps: int
    loss: float


def measure_single(path: str, loss: PerceptualLoss, photos: Tensor, seed: int, device: torch.device) -> Single:
    """The network of a file, trained with --only_factor, on photos (N, 3, H, W); ValueError for one of another kind."""
    stylizer = load_raw(path, device)
    if not stylizer.only_factor:
        raise ValueError(f"--regret {path}: not trained for one strength alone; train it with --only_factor F")
    own = judge(stylizer, loss, photos, stylizer.only_factor, seed)["loss"]
    return Single(stylizer.only_factor, _steps(path), own)


def measure_regret(
    path: str, singles: Sequence[Single], loss: PerceptualLoss, photos: Tensor, seed: int, device: torch.device
) -> Regret:
    """By how much the network of a file, which has a dial, is worse at each single one's factor than that."""
    stylizer = load_raw(path, device)
    singles = sorted(singles, key=lambda single: single.factor)
    losses = [judge(stylizer, loss, photos, single.factor, seed)["loss"] for single in singles]
    regrets = [own / single.loss - 1 for own, single in zip(losses, singles, strict=True)]
    return Regret(
        factors=[single.factor for single in singles],
        losses=losses,
        single_losses=[single.loss for single in singles],
        regrets=regrets,
        mean=fmean(regrets),
        max=max(regrets),
        steps=_steps(path),
        single_steps=[single.steps for single in singles],
    )


def _steps(path: str) -> int:
    return int(load_checkpoint(Path(path)).get("step", 0))
