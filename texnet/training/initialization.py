"""What a training begins from: the shipped base, another checkpoint, or nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from texnet.checkpoint import load_checkpoint
from texnet.config import GeneratorConfig, TrainConfig, from_dict, to_dict
from texnet.errors import UserError
from texnet.generators import Generator

PRETRAINED = Path(__file__).parents[1] / "weights"  # learned by texnet pretrain
FREE = {"max_noise_factor", "fixed_noise_factor"}  # of GeneratorConfig: what does not shape the weights


def initialize(generator: Generator, config: TrainConfig) -> str:
    """Load what ``--init`` names into a fresh generator; says in words what that was.

    The base is shipped for the default shapes; other shapes begin from nothing, and the words say so. ValueError where a
    named checkpoint has another shape.
    """
    if config.optim.init == "scratch":
        return "from scratch"
    if config.optim.init != "pretrained":
        content = load_checkpoint(config.optim.init)
        difference = _difference(from_dict(GeneratorConfig, content["config"]["generator"]), config.generator)
        if difference:
            raise UserError(f"--init {config.optim.init}: another generator, with {difference}")
        generator.load_state_dict(content["ema"])
        return f"from {config.optim.init}"
    base = find_pretrained(config.generator)
    if base is None:
        return "from scratch: no pretrained generator is shipped for a generator of this shape"
    generator.load_state_dict(base["ema"])
    return "from the shipped pretrained generator"


def find_pretrained(config: GeneratorConfig) -> dict[str, Any] | None:
    """The shipped base for a generator's shape, a checkpoint with float16 weights; None where there is none."""
    for path in sorted(PRETRAINED.glob("pretrained-*.pt")):
        content = load_checkpoint(path)
        if not _difference(from_dict(GeneratorConfig, content["config"]["generator"]), config):
            return content
    return None


def pack_pretrained(config: TrainConfig, generator: Generator, step: int) -> dict[str, Any]:
    """A base as a checkpoint's content: weights in float16, half the size, and how they were made, but not where."""
    config = replace(
        config,
        data=replace(config.data, data_dir=""),
        loss=replace(config.loss, texture="", vgg_weights=""),
        optim=replace(config.optim, init=Path(config.optim.init).name),
    )
    weights = {name: tensor.to(torch.float16) for name, tensor in generator.state_dict().items()}
    return {"config": to_dict(config), "styles": ["base"], "ema": weights, "step": step, "calibration": {}}


def _difference(found: GeneratorConfig, wanted: GeneratorConfig) -> str:
    before, now = to_dict(found), to_dict(wanted)
    return " ".join(f"--{name} {value}" for name, value in before.items() if name not in FREE and now[name] != value)
