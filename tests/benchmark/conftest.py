"""A subject that is measured in moments: a generator of width 4 and two layers of VGG, on the CPU."""

from __future__ import annotations

import pytest
import torch

from texnet.benchmark import Subject
from texnet.config import TrainConfig


@pytest.fixture
def subject(tiny_config: TrainConfig) -> Subject:
    """The tiny training in float32."""
    return Subject(tiny_config, torch.device("cpu"), torch.float32)
