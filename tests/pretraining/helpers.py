"""What tests of pretraining share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from texnet.config import PretrainConfig, TrainConfig
from texnet.monitoring import Monitor
from texnet.pretraining.multi_style import pretrain_generator

CPU = torch.device("cpu")


def pretrain(
    tiny_config: TrainConfig,
    style_path: Path,
    output: Path,
    steps: int,
    *,
    resume: bool = False,
    init: str = "scratch",
    learn: str = "all",
) -> int:
    config = PretrainConfig(textures=(str(style_path),), pool_size=2, output=str(output), resume=resume, learn=learn)
    optim = replace(tiny_config.optim, init=init, max_steps=steps, epochs=0)
    return pretrain_generator(config, replace(tiny_config, optim=optim), Monitor(), CPU)
