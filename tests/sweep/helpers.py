"""Small real objects that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from texnet.sweep.criterion import EvaluatorCache
from texnet.sweep.runs import Worker
from texnet.sweep.settings import Axes, Sweep

pytest.importorskip("matplotlib", reason="sweeps need the extra sweep")

CPU = torch.device("cpu")
WEIGHTS: Axes = {"style_weight": (30.0, 1.0)}
EPOCHS, STEPS = 2, 4  # of the trained sweep, and in an epoch

MakeSweep = Callable[..., Sweep]


def worker_for(sweep: Sweep, stop_requested: Callable[[], bool] = lambda: False) -> Worker:
    """A worker on the CPU whose messages are dropped."""
    return Worker(CPU, EvaluatorCache(sweep, CPU), stop_requested, lambda text: None)


def nothing() -> None:
    """Done after each run."""


def stop_after(questions: int) -> Callable[[], bool]:
    """A request to stop that comes when it has been asked for so often, and stays."""
    asked = 0

    def ask() -> bool:
        nonlocal asked
        asked += 1
        return asked >= questions

    return ask
