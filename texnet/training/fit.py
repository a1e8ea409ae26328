"""A training with all who watch it: the terminal, its run's folder always, and Visdom where asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from texnet.checkpoint import Checkpoint
from texnet.config import TrainConfig
from texnet.devices import choose_precision, describe_device, name_of
from texnet.monitoring import Monitors, build_console, build_run_monitors
from texnet.training import Training, build_training
from texnet.training.distributed import SINGLE_PROCESS, DistributedContext


def fit_watched(
    config: TrainConfig,
    folder: Path,
    *,
    device: torch.device,
    stop_requested: Callable[[], bool],
    context: DistributedContext = SINGLE_PROCESS,
    resume_from: Checkpoint | None = None,
    after_step: Callable[[Training], None] = lambda training: None,
) -> tuple[Training, bool]:
    """Build a config's training in a folder and fit it; the training, and False if a stop was requested before its end.

    ``resume_from`` is a run's checkpoint to go on from; ``after_step`` is called by the main context.
    """
    precision = choose_precision(config.optim.precision, device)
    terminal = build_console(config.run, context.is_main)
    monitor = Monitors([terminal])
    try:
        training = build_training(
            config,
            folder,
            monitor,
            device=device,
            precision=precision,
            context=context,
            stop_requested=stop_requested,
            resume_from=resume_from,
        )
        if context.is_main:
            monitor.monitors.extend(build_run_monitors(config.run, folder, training.trainer.step_count, terminal.message))
            where = f"{describe_device(device)}, {name_of(precision)}"
            source = "noise alone" if config.generator.no_content else f"{len(training.photos)} photos"
            terminal.message(f"{source}, {where}, into {folder}")
        return training, training.fit(lambda: after_step(training))
    finally:
        monitor.close()
