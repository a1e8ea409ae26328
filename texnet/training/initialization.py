"""Initial weights of a training: the shipped pretrained generator, another checkpoint, or random ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from texnet.checkpoint import Checkpoint, TrainingSummary
from texnet.config import GeneratorConfig, TrainConfig, to_dict
from texnet.errors import UserError
from texnet.generators import Generator, build_generator
from texnet.generators.conditioning import StyleReading
from texnet.generators.style_reader import StyleReader, fold
from texnet.losses.descriptor import DESCRIPTOR_SIZE, Describer
from texnet.metrics import LUMA

PRETRAINED = Path(__file__).parents[1] / "weights"  # trained by texnet pretrain
READER = "reader."  # before the names of a style reader's weights, beside those of its generator
PRETRAINED_NAME = "pretrained"  # in the place of a style's name
FREE = {"max_noise_factor", "fixed_noise_factor"}  # of GeneratorConfig: what does not shape the weights


def build_initial_generator(config: TrainConfig) -> Generator:
    """The generator of a config with random weights, by its seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.optim.seed)  # for the initial weights, the only draw from the global random state
        return build_generator(config.generator, keeps_chroma=config.loss.match_colors)


def initialize(generator: Generator, config: TrainConfig, texture: Tensor) -> str:
    """Load what ``--init`` names into a fresh generator, on the CPU; returns in words what that was.

    Where a style reader comes with it, it reads the style picture, (1, 3, H, W) in [0, 1], and the generator begins with that.

    A pretrained generator is shipped for the default shape; other shapes start from random weights, and the words say so.
    UserError where a named checkpoint has another shape.
    """
    start = find_start(config)
    if start is not None:
        what = config.optim.init if config.optim.init != "pretrained" else "the shipped pretrained generator"
        begin_with(generator, start)
        return f"from {what}{_read(generator, start, texture)}"
    if config.optim.init == "scratch":
        return "from scratch"
    return "from scratch: no pretrained generator is shipped for a generator of this shape"


def find_start(config: TrainConfig) -> Checkpoint | None:
    """What ``--init`` names; None for random weights, and where no pretrained generator of this shape is shipped.

    UserError where a named checkpoint has another shape.
    """
    if config.optim.init == "scratch":
        return None
    if config.optim.init == "pretrained":
        return find_pretrained(config.generator)
    checkpoint = Checkpoint.load(config.optim.init)
    difference = _difference(checkpoint.generator_config, config.generator)
    if difference:
        raise UserError(f"--init {config.optim.init}: another generator, with {difference}")
    return checkpoint


def find_pretrained(config: GeneratorConfig) -> Checkpoint | None:
    """The shipped generator of a shape, with float16 weights; None where there is none."""
    for path in sorted(PRETRAINED.glob("pretrained-*.pt")):
        checkpoint = Checkpoint.load(path)
        if not _difference(checkpoint.generator_config, config):
            return checkpoint
    return None


def begin_with(generator: Generator, start: Checkpoint) -> None:
    """Give a generator the weights of a checkpoint; where it keeps the photo's chroma, and that one did not, it paints grays.

    They are the luminance of what its last layer gave, before its range is limited: the photo's chroma is added to them.
    """
    generator.load_state_dict(dict(start.weights))
    if generator.keeps_chroma and not start.loss_config.match_colors:
        luma = torch.tensor(LUMA)
        for name, weight in generator.body.named_parameters():  # (3, C, K, K) and (3,) of the last layers
            if name.startswith(("head.", "detail.")):
                weight.data.copy_(torch.tensordot(luma, weight.detach(), 1).expand_as(weight))


def read_style(texture: Tensor) -> Checkpoint:
    """The shipped pretrained generator with a style picture, (1, 3, H, W) in [0, 1], as it reads it, trained no further.

    UserError where none that reads style pictures is shipped.
    """
    pretrained = find_pretrained(GeneratorConfig())
    if pretrained is None or not pretrained.style_reader:
        raise UserError("no generator that reads style pictures comes with this installation: train one with texnet pretrain")
    generator = pretrained.generator()
    _read(generator, pretrained, texture)
    return replace(pretrained, weights=generator.state_dict(), style_reader={})


def _read(generator: Generator, checkpoint: Checkpoint, texture: Tensor) -> str:
    """Fold what a checkpoint's style reader, if any, reads into its generator; in words what that was."""
    if not checkpoint.style_reader:
        return ""
    with torch.no_grad():
        fold(build_reader(checkpoint, generator)(texture), generator)
    return ", with the style as it reads it"


def build_reader(checkpoint: Checkpoint, generator: Generator) -> Callable[[Tensor], StyleReading]:
    """What reads a style picture, (1, 3, H, W) in [0, 1], for a generator, by a checkpoint's style reader."""
    reader, describe = StyleReader(DESCRIPTOR_SIZE, generator), Describer()
    reader.load_state_dict(dict(checkpoint.style_reader))
    return lambda texture: reader(describe(texture.cpu()))


def pack_pretrained(config: TrainConfig, weights: Mapping[str, Tensor], training: TrainingSummary) -> Checkpoint:
    """A pretrained generator and its style reader, to share: in float16, half the size; it has no style, so no term norms."""
    half = {name: tensor.to(torch.float16) for name, tensor in weights.items()}
    return Checkpoint(
        generator_config=config.generator,
        weights={name: tensor for name, tensor in half.items() if not name.startswith(READER)},
        style_reader={name.removeprefix(READER): tensor for name, tensor in half.items() if name.startswith(READER)},
        styles=(PRETRAINED_NAME,),
        loss_config=config.loss,
        training=training,
        license=config.run.license,
    )


def unpack_pretrained(checkpoint: Checkpoint) -> dict[str, Tensor]:
    """The weights of a generator with its style reader, as :func:`pack_pretrained` took them, in float16."""
    return {**checkpoint.weights, **{READER + name: tensor for name, tensor in checkpoint.style_reader.items()}}


def _difference(found: GeneratorConfig, wanted: GeneratorConfig) -> str:
    before, now = to_dict(found), to_dict(wanted)
    return " ".join(f"--{name} {value}" for name, value in before.items() if name not in FREE and now[name] != value)
