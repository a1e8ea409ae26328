"""Two processes of torchrun on one device learn what one process does."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from texnet.benchmark import BenchmarkSetup
from texnet.benchmark.processes import measure_distributed
from texnet.config import BenchmarkConfig, TrainConfig


@pytest.mark.slow
def test_two_processes_on_one_device_learn_what_one_does(config: TrainConfig, device: torch.device) -> None:
    config = replace(config, data=replace(config.data, batch_size=4))
    speed = measure_distributed(BenchmarkSetup(config, device, torch.float32), BenchmarkConfig(max_steps=3))
    one, two = speed.trainings
    assert (one.num_processes, two.num_processes, speed.steps) == (1, 2, 3)
    assert one.images_per_second > 0 and two.images_per_second > 0
    assert two.loss == pytest.approx(one.loss, rel=1e-3 if device.type == "cpu" else 0.03)
