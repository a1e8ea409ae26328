"""Sweeps whose runs take a moment."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers import with_options
from tests.sweep.helpers import MakeSweep
from tests.training.conftest import coarse_calibration as coarse_calibration
from texnet.config import TrainConfig
from texnet.sweep.settings import Axes, Sweep


@pytest.fixture
def make_sweep(tiny_config: TrainConfig, tmp_path: Path) -> MakeSweep:
    """A sweep in a folder of its own, of trainings that take four steps unless told otherwise."""

    def make(axes: Axes, *, folder: str = "sweep", criterion: str = "total", search: int = 0, **optim: object) -> Sweep:
        config = with_options(tiny_config, "optim", **{"epochs": 1, **optim})
        base = Sweep(tmp_path / folder, config, axes, criterion, search)
        return replace(base, base=base.setting("", {name: values[0] for name, values in axes.items()}).config)

    return make
