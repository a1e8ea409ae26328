"""Networks to evaluate, of ours and of others, and what to evaluate them by, in a moment."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tests.helpers import CONTENT_LAYERS, STYLE_LAYERS
from tests.synthesize.helpers import make_generator
from texnet.checkpoint import Checkpoint, ResumeState, TrainingSummary
from texnet.config import EvaluateConfig, GeneratorConfig, LossConfig, TrainConfig
from texnet.evaluation import EvalSetup, build_setup
from texnet.fast_neural_style import TransformerNet
from texnet.generators import build_generator
from texnet.generators.calibration import Calibration
from texnet.training.optim import build_optimizer

CPU = torch.device("cpu")
LAYER_FLAGS = ["--style_layers", *STYLE_LAYERS, "--content_layers", *CONTENT_LAYERS]


def save_network(
    path: Path,
    *,
    seed: int = 0,
    fixed_noise_factor: float = 0.0,
    calibration: Calibration | None = None,
    steps: int = 7,
    config: TrainConfig | None = None,
) -> str:
    """A checkpoint that was not trained; its weights are a function of the seed. ``config`` says on which photos it was."""
    torch.manual_seed(seed)
    generator = GeneratorConfig(width=4, num_blocks=1, fixed_noise_factor=fixed_noise_factor)
    weights = build_generator(generator).state_dict()
    run = replace(config, generator=generator) if config else None
    Checkpoint(
        generator,
        weights,
        ("red",),
        calibration=calibration or Calibration(),
        training=TrainingSummary(steps=steps),
        resume=ResumeState(run, _state_of(generator, weights), torch.zeros(3, 8, 8, dtype=torch.uint8)) if run else None,
    ).save(path)
    return str(path)


def _state_of(generator: GeneratorConfig, weights: dict[str, Tensor]) -> dict[str, Any]:
    """What a trainer has before its first step."""
    optimizer = build_optimizer(build_generator(generator), 0.001).state_dict()
    place = {"step": 0, "epoch": 0, "epoch_base": [0, 0], "steps_per_epoch": 1, "seconds": 0.0}
    return {"generator": weights, "ema": weights, "optimizer": optimizer, "term_norm": {}, "losses": {}, **place}


def save_texture_network(path: Path) -> str:
    """A pyramid of three scales that was not trained."""
    config = GeneratorConfig(generator="pyramid", width=12, num_blocks=2, no_content=True)
    Checkpoint(config, make_generator().state_dict(), ("peppers",)).save(path)
    return str(path)


def save_transformer_net(path: Path) -> str:
    """The state dict of a network of pytorch/examples that was not trained."""
    torch.manual_seed(0)
    torch.save(TransformerNet().state_dict(), path)
    return str(path)


def make_loss_config(style_path: Path, vgg_path: Path) -> LossConfig:
    """A loss with two layers of random weights."""
    return LossConfig(
        texture=str(style_path),
        style_size=0,
        vgg_weights=str(vgg_path),
        style_layers=STYLE_LAYERS,
        content_layers=CONTENT_LAYERS,
    )


def setup_for(config: EvaluateConfig, loss_config: LossConfig) -> EvalSetup:
    """A setup on the CPU, of photos that can be read and that no network was trained on."""
    return build_setup(config, loss_config, CPU, log=fail, on_unreadable=fail)


def fail(text: str) -> None:
    """An AssertionError with that text."""
    raise AssertionError(text)
