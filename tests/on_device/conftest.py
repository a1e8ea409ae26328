"""The device that is compared with the CPU: a CUDA card, and the CPU itself, which runs the same tests everywhere."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from texnet.config import DeviceConfig, TrainConfig


@pytest.fixture(params=[pytest.param("cpu", marks=pytest.mark.slow), pytest.param("cuda", marks=pytest.mark.cuda)])
def device(request: pytest.FixtureRequest) -> torch.device:
    """Each kind of device; the test is skipped where there is none."""
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA card here")
    return torch.device(request.param)


@pytest.fixture
def config(tiny_config: TrainConfig, device: torch.device) -> TrainConfig:
    """The tiny training on that device, a dozen steps."""
    run = replace(tiny_config.run, device=DeviceConfig(device.type))
    return replace(tiny_config, run=run, optim=replace(tiny_config.optim, epochs=0, max_steps=12))
