"""The recipe that training speed is compared with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from texnet.benchmark import Timing, compare_training, random_vgg_weights
from texnet.config import GeneratorConfig, LossConfig, TrainConfig


def test_the_ratio_says_how_many_times_as_fast_we_are() -> None:
    assert Timing(ours=0.2, peer=0.8).ratio == 4


def test_both_recipes_make_whole_training_steps(tmp_path: Path) -> None:
    weights = random_vgg_weights("vgg19", tmp_path / "vgg19.pth")
    config = TrainConfig(generator=GeneratorConfig(width=4, num_blocks=1), loss=LossConfig(vgg_weights=str(weights)))
    config = replace(config, loss=replace(config.loss, style_layers=("relu1_1",), content_layers=("relu1_1",)))
    timing = compare_training(config, 32, 1, torch.device("cpu"), torch.float32)
    assert timing.ours > 0 and timing.peer > 0
