"""A setup that is measured in a moment: a generator of width 4 and two layers of VGG, on the CPU."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from texnet.benchmark import BenchmarkSetup, measure
from texnet.config import TrainConfig


@pytest.fixture(scope="session")
def setup(shared_config: TrainConfig) -> BenchmarkSetup:
    """The tiny training in float32."""
    return BenchmarkSetup(shared_config, torch.device("cpu"), torch.float32)


@pytest.fixture(scope="package", autouse=True)
def small_matrices() -> Iterator[None]:
    """The machine's rate is measured on small matrices, which take a moment: any rate will do here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measure, "SIDES", {"cpu": 64})
        measure.matrix_rate.cache_clear()
        yield
    measure.matrix_rate.cache_clear()
