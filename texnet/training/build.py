"""From a config to a trainer: photos, generator, loss and optimizer, new or as a checkpoint has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from texnet.checkpoint import STYLE_PICTURE, Checkpoint
from texnet.config import TrainConfig
from texnet.data import CropLoader, NoiseOnlyLoader, PhotoDataset, build_photos
from texnet.drawing import draw_scene
from texnet.errors import UserError
from texnet.generators import Generator, build_generator
from texnet.generators.calibration import Calibration
from texnet.images import load_style, to_float
from texnet.losses import DiversityLoss, PerceptualLoss, build_loss, resolve_features
from texnet.monitoring.base import Monitor
from texnet.training.augment import InputSampler
from texnet.training.distributed import SINGLE_PROCESS, DistributedContext
from texnet.training.initialization import initialize
from texnet.training.optim import build_optimizer
from texnet.training.previews import FACTORS, NUM_PHOTOS, choose_photos, render_preview, render_samples
from texnet.training.schedule import Schedule
from texnet.training.step import TrainStep
from texnet.training.trainer import Trainer

TERM_NORM_PHOTOS = 16  # photos on which the terms of the loss are measured, as they are
COMPILE_REMEDY = "install a C++ compiler (and on CUDA triton), or leave --compile out"


@dataclass(frozen=True)
class TrainingData:
    """Photos (N, 3, S, S) in [0, 1], or for a texture noise alone: no photos, no ``preview_photos``, none held out.

    ``reference_photos`` gives what the terms of the loss are measured on. ``copies`` of each photo are in a batch where
    the diversity of results counts.
    """

    photos: PhotoDataset
    held_out: PhotoDataset
    preview_photos: Tensor
    loader: CropLoader | NoiseOnlyLoader
    reference_photos: Callable[[], Tensor]
    copies: int


@dataclass(frozen=True)
class Training:
    """A trainer, ready to fit, and what surrounds it. ``config`` names the features that ``auto`` stood for."""

    config: TrainConfig
    trainer: Trainer
    data: TrainingData
    texture: Tensor  # (1, 3, H, W) in [0, 1]

    @property
    def has_strength_control(self) -> bool:
        """Whether the generator serves all noise factors: not a texture, nor one trained for a single factor."""
        return not self.trainer.inputs.fixed_noise_factor

    def render_preview(self, calibration: Calibration) -> Tensor:
        """The preview photos at rising noise factors, or samples of a texture: (3, H, W) in [0, 1], on the CPU."""
        generator, photos, precision = self.trainer.ema_generator, self.data.preview_photos, self.trainer.step.precision
        if not generator.reads_photo:
            return render_samples(generator, photos.shape[-1], precision)
        factors = FACTORS if self.has_strength_control else (0.0, self.trainer.inputs.fixed_noise_factor)
        return render_preview(generator, photos, precision, calibration, factors)


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
    if not config.loss.texture:
        raise UserError("--texture is missing: name the style picture")
    with context.main_first():
        config = replace(config, loss=resolve_features(config.loss, monitor.message))
        texture = load_style(_style_picture(config, resume_from), config.loss.style_size)
        generator = _build_generator(config)
        data = build_data(config, generator, device, context, monitor.message)
        loss = build_loss(config.loss, keep_content=generator.reads_photo, device=device, dtype=precision)
    loss.set_style(texture.to(device))
    if resume_from is None:
        loss.measure_term_norm(data.reference_photos().to(device))
        monitor.message(initialize(generator, config))
    generator = generator.to(device).to(memory_format=torch.channels_last)
    if config.run.compile:
        compile_in_place(generator, loss, device=device)
    weight = config.loss.diversity_weight
    diversity = DiversityLoss(texture, weight=weight, copies=data.copies) if weight else None
    trainer = Trainer(
        step=_build_step(config, generator, loss, device, precision, diversity, context),
        inputs=_build_inputs(config, device, diversity, context),
        loader=data.loader,
        schedule=build_schedule(config, data.loader.steps_per_epoch),
        monitor=monitor,
        log_every=config.run.log_every,
        context=context,
        stop_requested=stop_requested,
    )
    if resume_from is not None:
        if resume_from.resume is None:
            raise UserError(f"{resume_from.source}: a style to share, which cannot be trained on; name a run's latest.pt")
        trainer.load_state_dict(dict(resume_from.resume.trainer))
    return Training(config, trainer, data, texture)


def build_data(
    config: TrainConfig,
    generator: Generator,
    device: torch.device,
    context: DistributedContext = SINGLE_PROCESS,
    log: Callable[[str], None] = lambda text: None,
) -> TrainingData:
    """The photos that a config names, or noise for a texture. FileNotFoundError or UserError name the flag."""
    if not generator.reads_photo:
        return _noise_only(config, generator.stride)
    seed = config.optim.seed
    sharing = 1 if device.type == "cuda" else context.world_size  # a GPU has its memory alone
    data = replace(config.data, cache_fraction=config.data.cache_fraction / sharing)
    photos, held_out = build_photos(data, seed=seed, device=device, on_unreadable=lambda text: log(f"skipped {text}"), log=log)
    loader = CropLoader(
        photos,
        batch_size=config.data.batch_size,
        num_workers=config.data.num_workers,
        seed=seed,
        rank=context.rank,
        world_size=context.world_size,
    )
    preview_photos = choose_photos(held_out, NUM_PHOTOS, seed, "preview")
    return TrainingData(
        photos, held_out, preview_photos, loader, lambda: choose_photos(photos, TERM_NORM_PHOTOS, seed, "scales"), copies=2
    )


def _style_picture(config: TrainConfig, resume_from: Checkpoint | None) -> Path:
    """The named file; where a continued run no longer finds it, the copy in its folder."""
    named = Path(config.loss.texture)
    copy = resume_from.source.with_name(STYLE_PICTURE) if resume_from and resume_from.source else named
    return copy if copy.is_file() and not named.is_file() else named


def build_schedule(config: TrainConfig, steps_per_epoch: int) -> Schedule:
    """The schedule up to the nearer one of a config's limits."""
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


def compile_in_place(*modules: nn.Module, device: torch.device) -> None:
    """Compile each module's call, once for every size of picture that it meets; copies of a module are not compiled.

    Fewer and larger kernels, on CUDA with one launch for all. Names in state dicts stay, unlike those of
    ``torch.compile(module)``. UserError where nothing can be compiled here.
    """
    torch.compiler.reset()  # there is a limit to what is kept, which an earlier training of this process may have used up
    mode = "reduce-overhead" if device.type == "cuda" else None  # CUDA graphs
    try:
        torch.compile(torch.neg, dynamic=False)(torch.ones(2, device=device))
    except RuntimeError as error:  # of which all of torch.compile's own are a kind
        reason = str(error).strip().split("\n\n")[0]
        raise UserError(f"--compile: {reason}; {COMPILE_REMEDY}") from error
    torch._dynamo.config.optimize_ddp = False  # torchrun: it would cut the graphs, and older torch refuses our gradients there
    for module in modules:
        module.compile(mode=mode, dynamic=False)


def draw_scenes(count: int, size: int) -> Tensor:
    """Drawn scenes, which stand for photos where there are none: float (count, 3, size, size) in [0, 1]."""
    scenes = torch.from_numpy(np.stack([np.asarray(draw_scene(size, number)) for number in range(count)]))
    return to_float(scenes.permute(0, 3, 1, 2))


def _noise_only(config: TrainConfig, multiple: int) -> TrainingData:
    """Noise for a texture, its sides divisible by ``multiple``; the terms of the loss are measured on drawn scenes."""
    none = PhotoDataset([], config.data.image_size)
    loader = NoiseOnlyLoader(batch_size=config.data.batch_size, multiple=multiple)
    size = loader.batch.cut(config.data.image_size).shape[-1]
    no_photos, copies = torch.empty(0, 3, size, size), config.data.batch_size
    return TrainingData(none, none, no_photos, loader, lambda: draw_scenes(TERM_NORM_PHOTOS, size), copies)


def _build_generator(config: TrainConfig) -> Generator:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.optim.seed)  # for the initial weights, the only draw from the global random state
        return build_generator(config.generator)


def _build_step(
    config: TrainConfig,
    generator: Generator,
    loss: PerceptualLoss,
    device: torch.device,
    precision: torch.dtype,
    diversity: DiversityLoss | None,
    context: DistributedContext,
) -> TrainStep:
    return TrainStep(
        generator=generator,
        loss=loss,
        optimizer=build_optimizer(generator, config.learning_rate),
        device=device,
        precision=precision,
        clip_norm=config.optim.clip_norm,
        diversity=diversity,
        context=context,
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
        context=context,
    )
