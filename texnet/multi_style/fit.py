"""A whole training of one network for many styles: build, train, save, calibrate each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import torch
from torch import Tensor

from texnet.config import TrainConfig
from texnet.devices import choose_precision, describe_device, name_of
from texnet.generators import Generator
from texnet.generators.calibration import Calibration
from texnet.monitoring import Monitor, Monitors, build_run_monitors
from texnet.multi_style.build import MultiStyleTraining, build_multi_style
from texnet.multi_style.resume import MultiStyleRun
from texnet.multi_style.saving import StylesSaver
from texnet.training.calibrate import calibrate, calibration_photos, estimate_seconds
from texnet.training.fit import FitResult
from texnet.training.run_folder import locked


def fit_styles(
    config: TrainConfig,
    pictures: Mapping[str, Tensor],
    run_dir: Path,
    *,
    device: torch.device,
    monitor: Monitor | None = None,
    stop_requested: Callable[[], bool] = lambda: False,
    resume: MultiStyleRun | None = None,
) -> FitResult:
    """Train in a run's folder until styles.pt is written, or, with all else saved, until a stop is requested.

    ``pictures`` are the style pictures, (1, 3, H, W) in [0, 1], by name; ``resume`` is the run that goes on. Whatever is raised
    during the steps, all is saved first. The folder is locked meanwhile; errors as of :func:`texnet.training.fit.fit`.
    """
    precision = choose_precision(config.optim.precision, device)
    monitors = Monitors([Monitor() if monitor is None else monitor])
    with locked(run_dir), closing(monitors):
        training = build_multi_style(
            config, pictures, monitors, device=device, precision=precision, stop_requested=stop_requested
        )
        trainer = training.trainer
        if resume is not None:
            trainer.load_state_dict(dict(resume.trainer))
            training.draw.load_state_dict(resume.draw)
        monitors.monitors.extend(build_run_monitors(config.run, run_dir, trainer.step_count, monitors.message))
        photos = training.template.data.photos
        monitors.message(
            f"{len(pictures)} styles, {len(photos)} photos, {describe_device(device)}, {name_of(precision)}, into {run_dir}"
        )
        saver = StylesSaver(run_dir, training)
        saver.begin()
        training.draw.choose(trainer.step_count)
        if resume is None and config.run.preview_every:
            saver.show()
        reserve_calibrations(training)
        with trainer.loader:
            try:
                done = trainer.fit([training.draw, saver])
            except Exception:
                saver.save_whatever_happened()
                raise
        saver.save_latest()
        if done:
            saver.calibrations = calibrate_styles(training)
            saver.save()
            saver.show()
            saver.save_styles()
        return FitResult(done, trainer.step_count, photos.unreadable)


def calibrate_styles(training: MultiStyleTraining) -> dict[str, Calibration]:
    """The calibration of every style of a training, on its held-out photos."""
    step, shape = training.trainer.step, training.config.generator
    photos = calibration_photos(training.template.data.held_out, training.config.optim.seed)
    calibrations = {}
    for number, (name, target) in enumerate(zip(training.pictures, training.targets, strict=True)):
        training.loss.take(target)
        training.trainer.monitor.progress("calibrating", number / len(training.pictures))
        generator = _folded(training, name)
        calibrations[name] = calibrate(generator, training.loss, photos, shape.max_noise_factor, precision=step.precision)
    training.trainer.monitor.progress("calibrating", 1.0)
    return calibrations


def _folded(training: MultiStyleTraining, name: str) -> Generator:
    generator = training.collection().generator({name: 1.0})
    return generator.to(training.trainer.step.device).to(memory_format=torch.channels_last)


def reserve_calibrations(training: MultiStyleTraining) -> None:
    """End training so much earlier that the calibrations end within the minutes."""
    trainer = training.trainer
    if trainer.schedule.total_seconds:
        photos = calibration_photos(training.template.data.held_out, training.config.optim.seed)
        training.loss.take(training.targets[0])
        largest = training.config.generator.max_noise_factor
        generator = _folded(training, next(iter(training.pictures)))
        seconds = estimate_seconds(generator, training.loss, photos, largest, trainer.step.precision)
        trainer.schedule = trainer.schedule.reserve(seconds * len(training.pictures))
