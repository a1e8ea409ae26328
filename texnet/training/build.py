"""From a config to a trainer: photos, generator, loss and optimizer, new or as a checkpoint has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from texnet.checkpoint import Checkpoint
from texnet.config import TrainConfig
from texnet.devices import compile_in_place
from texnet.generators import Generator
from texnet.generators.calibration import Calibration
from texnet.losses import DiversityLoss, PerceptualLoss
from texnet.metrics import luminance
from texnet.monitoring.base import Monitor
from texnet.training.augment import InputSampler
from texnet.training.beginning import Beginning, begin_training
from texnet.training.data import TrainingData
from texnet.training.distributed import SINGLE_PROCESS, DistributedContext
from texnet.training.optim import build_optimizer
from texnet.training.previews import render_preview, render_run_preview, render_samples
from texnet.training.schedule import Schedule
from texnet.training.step import TrainStep
from texnet.training.trainer import Trainer

SMALLEST_CONTRAST = 1e-3  # of a style picture; a flat one asks for flat results


@dataclass(frozen=True)
class Training:
    """A trainer, ready to fit, and what surrounds it. ``config`` names the features that ``auto`` stood for."""

    config: TrainConfig
    trainer: Trainer
    data: TrainingData
    texture: Tensor  # (1, 3, H, W) in [0, 1], of 8 bits
    styles: tuple[str, ...]  # names

    @torch.no_grad()
    def contrast(self) -> float:
        """Contrast of results in units of the style picture's: standard deviations of luminance; 0 for flat pictures."""
        generator, photos = self.trainer.ema_generator, self.data.preview_photos
        if generator.reads_photo:
            factor = self.trainer.inputs.fixed_noise_factor or 1.0
            results = render_preview(generator, photos, self.trainer.step.precision, Calibration(), (factor,))
        else:
            results = render_samples(generator, photos.shape[-1], self.trainer.step.precision)
        return _luminance_std(results) / max(_luminance_std(self.texture[0]), SMALLEST_CONTRAST)

    @property
    def has_strength_control(self) -> bool:
        """Whether the generator serves all noise factors: not a texture, nor one trained for a single factor."""
        return not self.trainer.inputs.fixed_noise_factor

    def render_preview(self, calibration: Calibration) -> Tensor:
        """The preview photos at rising noise factors, or samples of a texture: (3, H, W) in [0, 1], on the CPU."""
        fixed = self.config.generator.fixed_noise_factor
        step = self.trainer.step
        return render_run_preview(self.trainer.ema_generator, self.data.preview_photos, step.precision, calibration, fixed)


def build_training(
    config: TrainConfig,
    monitor: Monitor,
    *,
    device: torch.device,
    precision: torch.dtype,
    context: DistributedContext = SINGLE_PROCESS,
    stop_requested: Callable[[], bool] = lambda: False,
    resume_from: Checkpoint | None = None,
) -> Training:
    """Everything a config asks for; with a run's checkpoint, continued from there."""
    beginning = begin_training(
        config, monitor.message, device=device, precision=precision, context=context, resume_from=resume_from
    )
    return build_from(beginning, monitor, stop_requested)


def build_from(beginning: Beginning, monitor: Monitor, stop_requested: Callable[[], bool] = lambda: False) -> Training:
    """The training that has begun, with all that it still needs."""
    config, generator, data, loss = beginning.config, beginning.generator, beginning.data, beginning.loss
    texture, context, resume_from = beginning.texture, beginning.context, beginning.resume_from
    device = next(generator.parameters()).device
    loss.set_style(texture.to(device))
    if resume_from is None:
        loss.measure_term_norm(data.reference_photos().to(device))
    if config.run.compile:
        compile_in_place(generator, loss, device=device)
    weight = config.loss.diversity_weight
    diversity = DiversityLoss(texture, weight=weight, copies=data.copies) if weight else None
    trainer = Trainer(
        step=build_step(config, generator, loss, device, beginning.precision, diversity, context),
        inputs=_build_inputs(config, device, diversity, context),
        loader=data.loader,
        schedule=build_schedule(config, data.loader.steps_per_epoch),
        monitor=monitor,
        log_every=config.run.log_every,
        context=context,
        stop_requested=stop_requested,
    )
    if resume_from is not None and resume_from.resume is not None:
        trainer.load_state_dict(dict(resume_from.resume.trainer))
        trainer.schedule = build_schedule(config, data.loader.steps_per_epoch, trainer.epoch_base)
        before, now = resume_from.training.num_photos, len(data.photos)
        if before != now:
            monitor.message(f"other photos than before: {now} to train on, then {before}; epoch {trainer.epoch} begins again")
    return Training(config, trainer, data, texture, beginning.styles)


def build_schedule(config: TrainConfig, steps_per_epoch: int, epoch_base: tuple[int, int] = (0, 0)) -> Schedule:
    """The schedule up to the nearer one of a config's limits, with epochs counted from an (epoch, step) on."""
    optim = config.optim
    epoch, step = epoch_base
    by_epochs = step + max(0, optim.epochs - epoch) * steps_per_epoch if optim.epochs else 0
    limits = [limit for limit in (by_epochs, optim.max_steps) if limit]
    return Schedule(
        total_steps=min(limits, default=0),
        total_seconds=60 * optim.max_minutes,
        learning_rate=config.learning_rate,
        warmup_steps=optim.warmup_steps,
        crop_size=config.data.image_size,
        progressive_crops=optim.progressive_crops,
    )


def _luminance_std(image: Tensor) -> float:
    """Standard deviation of the luminance of a picture (3, H, W)."""
    return float(luminance(image).std())


def build_step(
    config: TrainConfig,
    generator: Generator,
    loss: PerceptualLoss,
    device: torch.device,
    precision: torch.dtype,
    diversity: DiversityLoss | None = None,
    context: DistributedContext = SINGLE_PROCESS,
) -> TrainStep:
    """The step that trains a generator on a device, with the optimizer that a config asks for."""
    return TrainStep(
        generator=generator,
        loss=loss,
        optimizer=build_optimizer(generator, config.learning_rate),
        device=device,
        precision=precision,
        clip_norm=config.optim.clip_norm,
        diversity=diversity,
        steady_weight=config.loss.steady_weight,
        context=context,
    )


def replace_generator(training: Training, generator: Generator, loss: PerceptualLoss) -> Trainer:
    """A trainer like that of a training, for another generator and loss."""
    template = training.trainer
    return Trainer(
        step=build_step(training.config, generator, loss, template.step.device, template.step.precision),
        inputs=template.inputs,
        loader=template.loader,
        schedule=template.schedule,
        monitor=template.monitor,
        log_every=template.log_every,
        stop_requested=template.stop_requested,
    )


def _build_inputs(
    config: TrainConfig, device: torch.device, diversity: DiversityLoss | None, context: DistributedContext
) -> InputSampler:
    shape = config.generator
    return InputSampler(
        seed=config.optim.seed,
        noise_channels=shape.noise_channels,
        max_noise_factor=shape.max_noise_factor,
        device=device,
        fixed_noise_factor=1.0 if shape.no_content else shape.fixed_noise_factor,
        diversity=diversity,
        steady=config.loss.steady_weight > 0,
        context=context,
    )
