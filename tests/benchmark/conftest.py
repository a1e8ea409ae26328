"""A subject that is measured in moments: a generator of width 4 and two layers of VGG, on the CPU."""

from __future__ import annotations

import pytest
import torch

from texnet.benchmark import Subject
from texnet.config import TrainConfig


@pytest.fixture(scope="session")
def subject(shared_config: TrainConfig) -> Subject:
    """The tiny training in float32."""
    return Subject(shared_config, torch.device("cpu"), torch.float32)
