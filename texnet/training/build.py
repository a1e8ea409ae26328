"""From a config to a trainer: photos, generator, loss and optimizer, new or as a checkpoint has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from texnet.checkpoint import Checkpoint, plain_name
from texnet.config import TrainConfig
from texnet.errors import UserError
from texnet.generators import Generator, build_generator
from texnet.generators.calibration import Calibration
from texnet.images import load_style, to_bytes, to_float
from texnet.losses import DiversityLoss, PerceptualLoss, build_loss, resolve_features
from texnet.metrics import luminance
from texnet.monitoring.base import Monitor
from texnet.training.augment import InputSampler
from texnet.training.data import TrainingData, build_data
from texnet.training.distributed import SINGLE_PROCESS, DistributedContext
from texnet.training.initialization import initialize
from texnet.training.optim import build_optimizer
from texnet.training.previews import FACTORS, render_preview, render_samples
from texnet.training.schedule import Schedule
from texnet.training.step import TrainStep
from texnet.training.trainer import Trainer

SMALLEST_CONTRAST = 1e-3  # of a style picture; a flat one asks for flat results
COMPILE_REMEDY = "install a C++ compiler (and on CUDA triton), or leave --compile out"


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
        texture, styles = _read_style(config, resume_from)
        generator = build_initial_generator(config)
        data = build_data(config, generator, device, context, monitor.message)
        loss = build_loss(config.loss, keep_content=generator.reads_photo, device=device, dtype=precision)
    loss.set_style(texture.to(device))
    if resume_from is None:
        loss.measure_term_norm(data.reference_photos().to(device))
        monitor.message(initialize(generator, config, texture))
    generator = generator.to(device).to(memory_format=torch.channels_last)
    if config.run.compile:
        compile_in_place(generator, loss, device=device)
    weight = config.loss.diversity_weight
    diversity = DiversityLoss(texture, weight=weight, copies=data.copies) if weight else None
    trainer = Trainer(
        step=build_step(config, generator, loss, device, precision, diversity, context),
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
        trainer.schedule = build_schedule(config, data.loader.steps_per_epoch, trainer.epoch_base)
        before, now = resume_from.training.num_photos, len(data.photos)
        if before != now:
            monitor.message(f"other photos than before: {now} to train on, then {before}; epoch {trainer.epoch} begins again")
    return Training(config, trainer, data, texture, styles)


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


def _luminance_std(image: Tensor) -> float:
    """Standard deviation of the luminance of a picture (3, H, W)."""
    return float(luminance(image).std())


def build_initial_generator(config: TrainConfig) -> Generator:
    """The generator of a config with random weights, by its seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.optim.seed)  # for the initial weights, the only draw from the global random state
        return build_generator(config.generator, keeps_chroma=config.loss.match_colors)


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
