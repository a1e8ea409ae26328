"""Initial weights of a training: the shipped pretrained generator, another checkpoint, or random ones."""

from __future__ import annotations

from pathlib import Path

import torch

from texnet.checkpoint import Checkpoint, TrainingSummary
from texnet.config import GeneratorConfig, TrainConfig, to_dict
from texnet.errors import UserError
from texnet.generators import Generator

PRETRAINED = Path(__file__).parents[1] / "weights"  # trained by texnet pretrain
PRETRAINED_NAME = "pretrained"  # in the place of a style's name
FREE = {"max_noise_factor", "fixed_noise_factor"}  # of GeneratorConfig: what does not shape the weights


def initialize(generator: Generator, config: TrainConfig) -> str:
    """Load what ``--init`` names into a fresh generator; returns in words what that was.

    A pretrained generator is shipped for the default shape; other shapes start from random weights, and the words say so.
    UserError where a named checkpoint has another shape.
    """
    if config.optim.init == "scratch":
        return "from scratch"
    if config.optim.init != "pretrained":
        checkpoint = Checkpoint.load(config.optim.init)
        difference = _difference(checkpoint.generator_config, config.generator)
        if difference:
            raise UserError(f"--init {config.optim.init}: another generator, with {difference}")
        generator.load_state_dict(dict(checkpoint.weights))
        return f"from {config.optim.init}"
    pretrained = find_pretrained(config.generator)
    if pretrained is None:
        return "from scratch: no pretrained generator is shipped for a generator of this shape"
    generator.load_state_dict(dict(pretrained.weights))
    return "from the shipped pretrained generator"


def find_pretrained(config: GeneratorConfig) -> Checkpoint | None:
    """The shipped generator of a shape, with float16 weights; None where there is none."""
    for path in sorted(PRETRAINED.glob("pretrained-*.pt")):
        checkpoint = Checkpoint.load(path)
        if not _difference(checkpoint.generator_config, config):
            return checkpoint
    return None


def pack_pretrained(config: TrainConfig, generator: Generator, training: TrainingSummary) -> Checkpoint:
    """A pretrained generator to share: weights in float16, half the size, and no term norms, as it has no style."""
    weights = {name: tensor.to(torch.float16) for name, tensor in generator.state_dict().items()}
    return Checkpoint(
        generator_config=config.generator,
        weights=weights,
        styles=(PRETRAINED_NAME,),
        loss_config=config.loss,
        training=training,
        license=config.run.license,
    )


def _difference(found: GeneratorConfig, wanted: GeneratorConfig) -> str:
    before, now = to_dict(found), to_dict(wanted)
    return " ".join(f"--{name} {value}" for name, value in before.items() if name not in FREE and now[name] != value)
