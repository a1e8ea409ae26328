"""Sweeps whose runs take a moment, and one that is trained."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers import with_options
from tests.sweep.helpers import EPOCHS, WEIGHTS, MakeSweep, nothing, worker_for
from tests.training.conftest import coarse_calibration as coarse_calibration
from texnet.config import TrainConfig
from texnet.sweep.runs import run_grid
from texnet.sweep.settings import Axes, Sweep


@pytest.fixture
def make_sweep(tiny_config: TrainConfig, tmp_path: Path) -> MakeSweep:
    """A sweep in a folder of its own, of trainings that take four steps unless given otherwise."""

    def make(axes: Axes, *, folder: str = "sweep", criterion: str = "total", search: int = 0, **optim: object) -> Sweep:
        config = with_options(tiny_config, "optim", **{"epochs": 1, **optim})
        return new_sweep(tmp_path / folder, config, axes, criterion, search)

    return make


@pytest.fixture(scope="session")
def trained(shared_config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """A finished sweep over WEIGHTS, of two epochs each; not to be changed."""
    sweep = new_sweep(tmp_path_factory.mktemp("sweeps") / "sweep", with_options(shared_config, "optim", epochs=EPOCHS), WEIGHTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("texnet.training.calibrate.COARSE_STEPS", (2, 2))
        patch.setattr("texnet.training.calibrate.STEPS", (4, 2))
        assert run_grid(sweep, worker_for(sweep), nothing)
    return sweep


@pytest.fixture
def trained_copy(trained: Sweep, tmp_path: Path) -> Sweep:
    """A copy of that sweep, to write into."""
    shutil.copytree(trained.folder, tmp_path / "sweep")
    return replace(trained, folder=tmp_path / "sweep")


def new_sweep(folder: Path, config: TrainConfig, axes: Axes, criterion: str = "total", search: int = 0) -> Sweep:
    """A sweep whose base is at the first value of each axis."""
    base = Sweep(folder, config, axes, criterion, search)
    return replace(base, base=base.setting("", {name: values[0] for name, values in axes.items()}).config)
