"""Sweeps whose runs take a moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.conftest import with_options
from tests.training.conftest import coarse_calibration as coarse_calibration
from texnet.config import TrainConfig
from texnet.sweep.criterion import EvaluatorCache
from texnet.sweep.runs import Worker
from texnet.sweep.settings import Axes, Sweep

pytest.importorskip("matplotlib", reason="sweeps need the extra sweep")
CPU = torch.device("cpu")
WEIGHTS: Axes = {"style_weight": (1.0, 30.0)}

MakeSweep = Callable[..., Sweep]


@pytest.fixture
def make_sweep(tiny_config: TrainConfig, tmp_path: Path) -> MakeSweep:
    """A sweep in a folder of its own, of trainings that take four steps unless told otherwise."""

    def make(axes: Axes, *, folder: str = "sweep", criterion: str = "total", search: int = 0, **optim: object) -> Sweep:
        config = with_options(tiny_config, "optim", **{"epochs": 1, **optim})
        base = Sweep(tmp_path / folder, config, axes, criterion, search)
        return replace(base, base=base.setting("", {name: values[0] for name, values in axes.items()}).config)

    return make


def worker_for(sweep: Sweep, stop_requested: Callable[[], bool] = lambda: False) -> Worker:
    """A worker on the CPU that tells nobody."""
    return Worker(CPU, EvaluatorCache(sweep, CPU), stop_requested, lambda text: None)


def stop_after(questions: int) -> Callable[[], bool]:
    """A request to stop that comes when it has been asked for so often, and stays."""
    asked = 0

    def ask() -> bool:
        nonlocal asked
        asked += 1
        return asked >= questions

    return ask
