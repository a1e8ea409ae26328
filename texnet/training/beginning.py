"""What a training begins with: photos, a style picture, an initial generator and a loss, enough for a first picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from texnet.checkpoint import Checkpoint, plain_name
from texnet.config import TrainConfig
from texnet.devices import require_compiler
from texnet.errors import UserError
from texnet.generators import Generator
from texnet.generators.calibration import Calibration
from texnet.images import load_style, to_bytes, to_float
from texnet.losses import PerceptualLoss, build_loss, resolve_features, resolve_statistic
from texnet.training.data import TrainingData, build_data
from texnet.training.distributed import SINGLE_PROCESS, DistributedContext
from texnet.training.initialization import build_initial_generator, initialize
from texnet.training.previews import render_run_preview


@dataclass(frozen=True)
class Beginning:
    """A training before its loss is measured and its optimizer built, which take seconds: it can paint.

    ``config`` names the features that ``auto`` stood for, and the preset's statistic. The generator of a training that is
    continued has random weights.
    """

    config: TrainConfig
    data: TrainingData
    generator: Generator  # on the device of the training
    loss: PerceptualLoss  # without targets
    texture: Tensor  # (1, 3, H, W) in [0, 1], of 8 bits
    styles: tuple[str, ...]  # names
    precision: torch.dtype
    context: DistributedContext
    resume_from: Checkpoint | None  # what it is continued from

    def render_preview(self) -> Tensor:
        """What the generator paints before the first step: (3, H, W) in [0, 1], on the CPU."""
        fixed = self.config.generator.fixed_noise_factor
        return render_run_preview(self.generator, self.data.preview_photos, self.precision, Calibration(), fixed)


def begin_training(
    config: TrainConfig,
    log: Callable[[str], None],
    *,
    device: torch.device,
    precision: torch.dtype,
    context: DistributedContext = SINGLE_PROCESS,
    resume_from: Checkpoint | None = None,
) -> Beginning:
    """Read what a config names, on a device; of a training that is continued, the style is that of its checkpoint.

    UserError or FileNotFoundError name the flag.
    """
    if not config.loss.texture:
        raise UserError("--texture is missing: name the style picture")
    with context.main_first():
        features = resolve_features(config.loss, log)
        config = replace(config, loss=replace(features, statistic=resolve_statistic(config.loss)))
        texture, styles = _read_style(config, resume_from)
        generator = build_initial_generator(config)
        data = build_data(config, generator, device, context, log)
        loss = build_loss(config.loss, keep_content=generator.reads_photo, device=device, dtype=precision)
    if config.run.compile:
        require_compiler(device)
    if resume_from is None:
        log(initialize(generator, config, texture))
    elif resume_from.resume is None:
        raise UserError(f"{resume_from.source}: a style to share, which cannot be trained on; name a run's latest.pt")
    generator = generator.to(device).to(memory_format=torch.channels_last)
    return Beginning(config, data, generator, loss, texture, styles, precision, context, resume_from)


def _read_style(config: TrainConfig, resume_from: Checkpoint | None) -> tuple[Tensor, tuple[str, ...]]:
    """The style picture, (1, 3, H, W) in [0, 1], of 8 bits, and its name; those of a continued run are in its checkpoint.

    UserError where a run is continued with another picture.
    """
    resume, named = resume_from.resume if resume_from else None, config.loss.texture
    if resume_from is None or resume is None:
        return _eight_bits(load_style(named, config.loss.style_size)), (plain_name(Path(named).stem),)
    texture = to_float(resume.texture[None])
    is_named = str(Path(named).absolute()) == resume.config.loss.texture
    if not is_named and not torch.equal(texture, _eight_bits(load_style(named, config.loss.style_size))):
        raise UserError(f"--texture {named}: another picture than this run began with; start a new run to change it")
    return texture, resume_from.styles


def _eight_bits(image: Tensor) -> Tensor:
    """A picture as a file of it would be read again, so that a continued run has the same."""
    return to_float(to_bytes(image))
