"""Training: from a config to a trainer made of built parts, and from a folder back to where a run stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from texnet.checkpoint import STYLE_PICTURE, Checkpoint
from texnet.config import TrainConfig
from texnet.data import PhotoDataset
from texnet.errors import UserError
from texnet.generators import build_generator
from texnet.generators.calibration import Calibration
from texnet.images import load_style
from texnet.losses import DiversityLoss, build_loss, resolve_features
from texnet.monitoring.base import Monitor
from texnet.training.calibrate import calibrate_on
from texnet.training.compile import compile_in_place
from texnet.training.distributed import SINGLE_PROCESS, DistributedContext
from texnet.training.initialization import initialize
from texnet.training.optim import build_optimizer
from texnet.training.run_dir import Run
from texnet.training.schedule import Schedule
from texnet.training.trainer import Trainer
from texnet.training.training_data import TrainingData, noise_only_data, photo_data

OUT_OF_MEMORY = (
    "out of memory at step {step}, all is saved; go on with --resume {folder} --cache_fraction 0, "
    "or begin again with a smaller --batch_size or --image_size"
)


@dataclass(frozen=True)
class Training:
    """A trainer with what surrounds it: call :meth:`fit`."""

    trainer: Trainer
    run: Run
    photos: PhotoDataset
    held_out: PhotoDataset
    texture: Tensor
    preview_photos: Tensor

    def fit(self, after_step: Callable[[], None] = lambda: None) -> bool:
        """Train to the end and write style.pt; False, with everything saved, if a stop was requested before.

        ``after_step`` is called by the main context after each step, when what had to be saved is. Where a term is not
        finite (FloatingPointError) or the device's memory too small (ValueError), it ends with everything saved too.
        """

        def save_and_tell() -> None:
            self.run.after_step()
            after_step()

        is_main = self.trainer.context.is_main
        if is_main:
            self.run.begin(self.texture, self.preview_photos)
        with self.trainer.loader:
            try:
                done = self.trainer.fit(save_and_tell if is_main else lambda: None)
            except (FloatingPointError, torch.OutOfMemoryError) as error:
                if is_main:
                    self.run.save()
                if isinstance(error, FloatingPointError):
                    raise
                raise UserError(OUT_OF_MEMORY.format(step=self.trainer.step_count, folder=self.run.folder)) from error
        if is_main:
            self.run.finish() if done else self.run.save()
        return done


def build_training(
    config: TrainConfig,
    folder: Path,
    monitor: Monitor,
    *,
    device: torch.device,
    precision: torch.dtype,
    context: DistributedContext = SINGLE_PROCESS,
    stop_requested: Callable[[], bool] = lambda: False,
    resume_from: Checkpoint | None = None,
) -> Training:
    """Everything a config asks for, ready to fit in ``folder``; with a run's checkpoint, continued from there."""
    seed = config.optim.seed
    if not config.loss.texture:
        raise UserError("--texture is missing: name the style picture")
    config = replace(config, loss=resolve_features(config.loss, monitor.message))
    texture = load_style(_style_picture(config, folder, resume_from), config.loss.style_size)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # for the generator's first weights, the only draw from the global random state
        generator = build_generator(config.generator)
    if config.generator.no_content:
        material = noise_only_data(config, generator.stride)
    else:
        material = photo_data(config, device, context, monitor.message)
    loss = build_loss(config.loss, keep_content=generator.reads_photo, device=device, dtype=precision)
    loss.set_style(texture.to(device))
    if resume_from is None:
        loss.measure_term_norm(material.reference_photos().to(device))
        monitor.message(initialize(generator, config))
    generator = generator.to(device).to(memory_format=torch.channels_last)
    if config.run.compile:
        compile_in_place(generator, loss, device=device)
    weight = config.loss.diversity_weight
    trainer = Trainer(
        generator=generator,
        model=context.wrap(generator, device),
        loss=loss,
        loader=material.loader,
        optimizer=build_optimizer(generator, config.learning_rate),
        schedule=_schedule(config, material.loader.steps_per_epoch),
        monitor=monitor,
        device=device,
        precision=precision,
        max_noise_factor=config.generator.max_noise_factor,
        fixed_noise_factor=1.0 if config.generator.no_content else config.generator.fixed_noise_factor,
        clip_norm=config.optim.clip_norm,
        seed=seed,
        log_every=config.run.log_every,
        diversity=DiversityLoss(texture, weight=weight, copies=material.copies) if weight else None,
        context=context,
        stop_requested=stop_requested,
    )
    if resume_from is not None and resume_from.resume is not None:
        trainer.load_state_dict(dict(resume_from.resume.trainer))
    run = _build_run(folder, config, trainer, material)
    return Training(trainer, run, material.photos, material.held_out, texture, material.preview_photos)


def _build_run(folder: Path, config: TrainConfig, trainer: Trainer, material: TrainingData) -> Run:
    def preview(calibration: Calibration) -> Tensor:
        return material.paint_preview(trainer.ema_generator, trainer.precision, calibration)

    def calibrate() -> Calibration:
        if config.generator.fixed_noise_factor or not len(material.held_out):
            return Calibration()
        largest = config.generator.max_noise_factor
        return calibrate_on(material.held_out, trainer.ema_generator, trainer.loss, largest, trainer.seed)

    return Run(folder, config, trainer, preview, calibrate, num_photos=len(material.photos))


def _style_picture(config: TrainConfig, folder: Path, resume_from: Checkpoint | None) -> Path:
    """The named file; where a continued run no longer finds it, the copy in its folder."""
    named, copy = Path(config.loss.texture), folder / STYLE_PICTURE
    return copy if resume_from and copy.is_file() and not named.is_file() else named


def _schedule(config: TrainConfig, steps_per_epoch: int) -> Schedule:
    optim = config.optim
    limits = [limit for limit in (optim.epochs * steps_per_epoch, optim.max_steps) if limit]
    return Schedule(
        total_steps=min(limits, default=0),
        total_seconds=60 * optim.max_minutes,
        learning_rate=config.learning_rate,
        warmup_steps=optim.warmup_steps,
        crop_size=config.data.image_size,
        progressive_crops=optim.progressive_crops,
    )
