"""Checkpoints of tiny generators, as if they were trained."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from texnet.checkpoint import Checkpoint
from texnet.config import GeneratorConfig
from texnet.generators import Generator, build_generator
from texnet.generators.calibration import Calibration

CALIBRATION = Calibration((0.0, 0.4, 1.0, 2.0), (0.0, 0.6, 1.0, 1.5))


def tiny_generator(name: str) -> Generator:
    """A generator whose norms and colors change with the noise factor, which an untrained one's do not."""
    torch.manual_seed(0)
    generator = build_generator(GeneratorConfig(generator=name, width=4, num_blocks=1)).eval().requires_grad_(False)
    for key, parameter in generator.named_parameters():
        if "last" in key or key.endswith("beta"):
            parameter.normal_(0, 0.1)
        elif key.endswith("gamma"):
            parameter.normal_(1, 0.3)
    return generator


def tiny_checkpoint(name: str, style: str = "stripes") -> Checkpoint:
    """Such a generator with what a checkpoint knows of it."""
    return Checkpoint(
        GeneratorConfig(generator=name, width=4, num_blocks=1),
        tiny_generator(name).state_dict(),
        (style,),
        calibration=CALIBRATION,
        license="CC0",
        preview=torch.randint(256, (3, 40, 30), dtype=torch.uint8),
    )


@pytest.fixture
def make_checkpoint() -> Callable[[str], Checkpoint]:
    return tiny_checkpoint
