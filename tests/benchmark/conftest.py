"""A setup that is measured in scores: a generator of width 4 and two layers of VGG, on the CPU."""

from __future__ import annotations

import pytest
import torch

from texnet.benchmark import BenchmarkSetup
from texnet.config import TrainConfig


@pytest.fixture(scope="session")
def setup(shared_config: TrainConfig) -> BenchmarkSetup:
    """The tiny training in float32."""
    return BenchmarkSetup(shared_config, torch.device("cpu"), torch.float32)
