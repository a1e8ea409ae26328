"""Trainings of several lengths on the same photos, scored alike; compiled steps, in a process of their own."""

from __future__ import annotations

import math
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers import with_options
from texnet.benchmark import BenchmarkSetup
from texnet.benchmark.compiling import CompiledSpeed, measure_compile
from texnet.benchmark.convergence import measure_convergence
from texnet.benchmark.isolation import measure_alone
from texnet.benchmark.setup import learnable
from texnet.config import BenchmarkConfig


@pytest.mark.slow
def test_shorter_trainings_are_compared_with_the_longest(setup: BenchmarkSetup) -> None:
    found = measure_convergence(setup, BenchmarkConfig(max_steps=8))
    assert [training.steps for training in found.trainings] == [8, 4, 2, 1]
    assert all(math.isfinite(training.loss) and training.loss > 0 for training in found.trainings)
    assert found.features == "vgg19" and found.num_photos == 8


@pytest.mark.slow
def test_the_longest_takes_its_share_of_the_minutes(setup: BenchmarkSetup) -> None:
    found = measure_convergence(setup, BenchmarkConfig(max_minutes=0.1))
    assert found.longest.steps < BenchmarkConfig().max_steps
    assert found.longest.seconds >= 0.7 * 6 / (1 + 15 / 16)


def test_random_features_are_not_learned_from(setup: BenchmarkSetup) -> None:
    assert learnable(setup) == setup.training
    assert learnable(replace(setup, random_weights=True)).loss.features == "compact"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(shutil.which(os.environ.get("CXX", "g++")) is None, reason="no C++ compiler here")
def test_compiled_steps_learn_what_eager_ones_do(
    setup: BenchmarkSetup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCHINDUCTOR_COMPILE_THREADS", "2")
    training = with_options(setup.training, "generator", generator="light", width=2)
    training = with_options(training, "loss", style_layers=("relu1_1",), content_layers=("relu1_1",))
    found = measure_alone(measure_compile, replace(setup, training=training), BenchmarkConfig(size=32, rounds=1), 500)
    assert isinstance(found, CompiledSpeed), found
    assert set(found.images_per_second) == {"eager", "compiled", "baseline"}
    assert found.losses["compiled"] == pytest.approx(found.losses["eager"], rel=0.02)  # SOAP enlarges differences of rounding
