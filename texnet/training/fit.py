"""A whole training: build, train, save, calibrate. :func:`train` does it from a config alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from texnet.checkpoint import Checkpoint
from texnet.config import TrainConfig
from texnet.devices import choose_device, choose_precision, describe_device, is_out_of_memory, name_of
from texnet.errors import NonFiniteError, UserError
from texnet.monitoring import Monitor, Monitors, build_run_monitors
from texnet.shipped import STYLE_FILE
from texnet.training.beginning import Beginning, begin_training
from texnet.training.build import Training, build_from
from texnet.training.calibrate import calibrate, calibration_photos, estimate_seconds
from texnet.training.distributed import SINGLE_PROCESS, DistributedContext
from texnet.training.resume import copy_history
from texnet.training.run_folder import holds_run, locked, new_folder, release_if_empty
from texnet.training.saving import RunSaver, begin_folder, lower_rate
from texnet.training.trainer import Callback

OUT_OF_MEMORY = (
    "out of memory at step {step}{saved}; go on with --resume {folder} --cache_fraction 0, "
    "or begin again with a smaller --batch_size or --image_size"
)


@dataclass(frozen=True)
class FitResult:
    """How a training ended: ``done``, or stopped after so many steps; pictures that could not be read, and why."""

    done: bool
    steps: int
    unreadable: dict[Path, str]


def train(config: TrainConfig, run_dir: Path | None = None) -> Path:
    """Train as a config says, without a word; the path of style.pt, the trained style.

    ``run_dir`` is the folder for checkpoints, metrics and previews; by default a new one in ``config.run.checkpoint_dir``.
    UserError or OSError name what is missing, UserError also a folder that holds a run.
    """
    if run_dir is not None and holds_run(run_dir):
        raise UserError(f"{run_dir}: that run exists; name another folder")
    folder = run_dir or new_folder(Path(config.run.checkpoint_dir), config.run.run_name, config.loss.texture)
    try:
        fit(config, folder, device=choose_device(config.run.device.name))
    finally:
        release_if_empty(folder)
    return folder / STYLE_FILE


def fit(
    config: TrainConfig,
    run_dir: Path,
    *,
    device: torch.device,
    monitor: Monitor | None = None,
    context: DistributedContext = SINGLE_PROCESS,
    callbacks: Sequence[Callback] = (),
    stop_requested: Callable[[], bool] = lambda: False,
    resume_from: Checkpoint | None = None,
) -> FitResult:
    """Train in a run's folder until all is done and style.pt is written, or, with all else saved, until a stop is requested.

    ``monitor`` watches besides the folder and, where the config says so, Visdom; of several processes the main one alone
    writes, reports and calls the callbacks. ``resume_from`` is the run's checkpoint to continue from; one of another folder
    is continued here as a fork, with a copy of its metrics and previews. The folder is locked meanwhile.

    Whatever is raised during the steps, all is saved first. DivergedError says that training leads nowhere; UserError names
    a folder that another process trains in, and a device whose memory is too small.
    """
    precision = choose_precision(config.optim.precision, device)
    console = Monitor() if monitor is None else monitor
    monitors = Monitors([console] if context.is_main else [])  # the others would repeat what the main process reports
    with locked(run_dir) if context.is_main else nullcontext(), closing(monitors):
        beginning = begin_training(
            config, monitors.message, device=device, precision=precision, context=context, resume_from=resume_from
        )
        if context.is_main and resume_from is None:
            _open_folder(run_dir, beginning, monitors)
            if config.run.preview_every:  # how training begins: the style as a pretrained generator reads it
                monitors.preview(0, beginning.render_preview())
        training = build_from(beginning, monitors, stop_requested)
        if not context.is_main:
            monitors.monitors.append(console)
            return _result(training, _train(training, None, (), context))
        if resume_from is not None:
            if resume_from.source is not None:
                copy_history(resume_from.source, run_dir)
            _open_folder(run_dir, beginning, monitors, training.trainer.step_count)
        run = RunSaver(run_dir, training)
        done = _train(training, run, [run, *callbacks], context)
        try:
            if done:
                _finish(training, run, monitors)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            raise _out_of_memory(training.trainer.step_count, ", all is saved", run) from error
        return _result(training, done)


def _open_folder(run_dir: Path, beginning: Beginning, monitors: Monitors, step: int = 0) -> None:
    """Let the monitors of a run in a folder watch, from a step on, and write what the run is about."""
    config, device = beginning.config, next(beginning.generator.parameters()).device
    photos = "noise alone" if config.generator.no_content else f"{len(beginning.data.photos)} photos"
    monitors.monitors.extend(build_run_monitors(config.run, run_dir, step, monitors.message))
    monitors.message(f"{photos}, {describe_device(device)}, {name_of(beginning.precision)}, into {run_dir}")
    begin_folder(run_dir, beginning)


def _train(training: Training, run: RunSaver | None, callbacks: Sequence[Callback], context: DistributedContext) -> bool:
    trainer = training.trainer
    _reserve_calibration(training, context)
    with trainer.loader:
        try:
            done = trainer.fit(callbacks)
        except NonFiniteError as error:
            run.save_whatever_happened() if run else None
            raise NonFiniteError(f"{error}; {lower_rate(training.config)}") from error
        except Exception as error:
            saved = run.save_whatever_happened() if run else ""
            if not is_out_of_memory(error):
                raise
            raise _out_of_memory(trainer.step_count, saved, run) from error
    if run:
        run.notice_collapse()
        run.save_latest()
    return done


def _out_of_memory(step: int, saved: str, run: RunSaver | None) -> UserError:
    return UserError(OUT_OF_MEMORY.format(step=step, saved=saved, folder=run.folder if run else "RUN_DIR"))


def _reserve_calibration(training: Training, context: DistributedContext) -> None:
    """End training so much earlier that the calibration, which the main process does, ends within the minutes."""
    trainer, begin, seconds = training.trainer, time.perf_counter(), 0.0
    if not trainer.schedule.total_seconds or not training.has_strength_control:
        return
    if context.is_main:
        photos = calibration_photos(training.data.held_out, training.config.optim.seed)
        largest, precision = training.config.generator.max_noise_factor, trainer.step.precision
        seconds = estimate_seconds(trainer.ema_generator, trainer.loss, photos, largest, precision)
        seconds += time.perf_counter() - begin
    trainer.schedule = trainer.schedule.reserve(context.all_reduce_state(seconds, False)[0])


def _finish(training: Training, run: RunSaver, monitor: Monitor) -> None:
    """Calibrate the strength control, where there is one, show the last preview and write style.pt.

    CollapsedError, with no style.pt, where the results are flat.
    """
    trainer = training.trainer
    run.check_contrast()
    if training.has_strength_control:
        photos = calibration_photos(training.data.held_out, training.config.optim.seed)
        run.calibration = calibrate(
            trainer.ema_generator,
            trainer.loss,
            photos,
            training.config.generator.max_noise_factor,
            precision=trainer.step.precision,
            on_progress=partial(monitor.progress, "calibrating"),
        )
        run.save()
    run.show()
    run.save_style()


def _result(training: Training, done: bool) -> FitResult:
    return FitResult(done, training.trainer.step_count, training.data.photos.unreadable)
