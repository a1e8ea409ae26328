"""Small real objects that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from texnet import training
from texnet.checkpoint import Checkpoint
from texnet.config import TrainConfig
from texnet.monitoring.base import Monitor, Record
from texnet.training import Callback, FitResult, Trainer, Training, build_training

CPU = torch.device("cpu")


class Diary(Monitor):
    """Remembers all that a training reports."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.previews: dict[int, Tensor] = {}
        self.messages: list[str] = []
        self.tasks: list[tuple[str, float]] = []

    def record(self, record: Record) -> None:
        self.records.append(record)

    def preview(self, step: int, image: Tensor) -> None:
        self.previews[step] = image

    def message(self, text: str) -> None:
        self.messages.append(text)

    def progress(self, task: str, share: float) -> None:
        self.tasks.append((task, share))

    @property
    def losses(self) -> dict[int, float]:
        """The loss of each step that was logged."""
        return {record.step: record.values["loss"] for record in self.records}


def build(
    config: TrainConfig,
    *,
    monitor: Monitor | None = None,
    stop_requested: Callable[[], bool] = lambda: False,
    resume_from: Path | None = None,
) -> Training:
    """The training of a config on the CPU, in float32, continued from a checkpoint's file where one is named."""
    return build_training(
        config,
        Monitor() if monitor is None else monitor,
        device=CPU,
        precision=torch.float32,
        stop_requested=stop_requested,
        resume_from=None if resume_from is None else Checkpoint.load(resume_from),
    )


def fit(
    config: TrainConfig,
    folder: Path,
    *,
    monitor: Monitor | None = None,
    callbacks: Sequence[Callback] = (),
    stop_requested: Callable[[], bool] = lambda: False,
    resume_from: Path | None = None,
) -> FitResult:
    """A whole training of a config on the CPU, continued from a checkpoint's file where one is named."""
    return training.fit(
        config,
        folder,
        device=CPU,
        monitor=monitor,
        callbacks=callbacks,
        stop_requested=stop_requested,
        resume_from=None if resume_from is None else Checkpoint.load(resume_from),
    )


class Capture(Callback):
    """Keeps the trainer that it is called by."""

    def __init__(self) -> None:
        self.trainer: Any = None

    def after_step(self, trainer: Trainer) -> None:
        self.trainer = trainer


def stop_after(steps: int) -> Callable[[], bool]:
    """A request to stop that comes with the given step."""
    asked = iter(range(1, steps + 1))
    return lambda: next(asked) == steps
