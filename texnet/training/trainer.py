"""The training loop: epochs of steps, with schedule, logging and callbacks. It knows no architecture, loss or monitor."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from collections.abc import Generator as Generating
from contextlib import closing
from typing import Any

import torch
from torch import Tensor

from texnet.data import CropLoader, NoiseOnlyLoader
from texnet.monitoring.base import Monitor, Record, totals
from texnet.training.augment import InputSampler
from texnet.training.distributed import SINGLE_PROCESS, DistributedContext
from texnet.training.schedule import Schedule
from texnet.training.step import TrainStep


class Callback:
    """Base of what follows a training: override :meth:`after_step`; set ``gives_up`` to end it after the next step."""

    gives_up = False

    def after_step(self, trainer: Trainer) -> None:
        """Called in the main process after each step, when it is logged: the place to save, to preview, to evaluate."""


class Trainer:
    """Trains with a step until the schedule is done. All that this depends on is in :meth:`state_dict`, apart from
    randomness, which is a function of the seed and the step.

    ``stop_requested`` is asked after each step.
    """

    def __init__(
        self,
        *,
        step: TrainStep,
        inputs: InputSampler,
        loader: CropLoader | NoiseOnlyLoader,
        schedule: Schedule,
        monitor: Monitor,
        log_every: int,
        context: DistributedContext = SINGLE_PROCESS,
        stop_requested: Callable[[], bool] = lambda: False,
    ) -> None:
        self.step = step
        self.generator, self.ema_generator, self.loss = step.generator, step.ema_generator, step.loss
        self.inputs = inputs
        self.loader = loader
        self.schedule = schedule
        self.monitor = monitor
        self.log_every = log_every
        self.context = context
        self.stop_requested = stop_requested
        self.seconds = 0.0
        self.losses: dict[str, float] = {}  # of the last step that was logged
        self.epoch_base = (0, 0)  # epoch and step from which epochs are counted: of a resume with other photos
        self._images_since_log = 0
        self._log_clock = time.perf_counter()

    @property
    def step_count(self) -> int:
        """Steps that are done."""
        return self.step.count

    @property
    def epoch(self) -> int:
        """Epochs that are done."""
        epoch, step = self.epoch_base
        return epoch + (self.step_count - step) // self.loader.steps_per_epoch

    @property
    def is_epoch_end(self) -> bool:
        """Whether the last step ended an epoch."""
        return self._step_of_epoch == 0

    @property
    def progress(self) -> float:
        """Share of the training that is done, 0 to 1."""
        return self.schedule.progress(self.step_count, self.seconds)

    def fit(self, callbacks: Sequence[Callback] = ()) -> bool:
        """Train until the schedule is done; True if it is, False if a stop was requested before.

        NonFiniteError names the term and the step that became infinite or not a number; weights and ``step_count`` are then
        those before that step.
        """
        begin = time.perf_counter() - self.seconds
        self._images_since_log, self._log_clock = 0, time.perf_counter()
        stop = False
        while self.progress < 1 and not stop:
            with closing(self._crops()) as crops:
                for crop in crops:
                    terms = self.train_on(crop)
                    stop = self.stop_requested() or any(callback.gives_up for callback in callbacks)
                    self.seconds, stop = self.context.all_reduce_state(time.perf_counter() - begin, stop)
                    self._log(terms, crop)
                    for callback in callbacks:
                        callback.after_step(self)
                    if stop or self.progress >= 1:
                        break
        self.step.check()
        return not stop

    def train_on(self, photos: Tensor) -> dict[str, Tensor]:
        """The next step, from photos (N, 3, H, W) in [0, 1] on the device: the weighted terms of the loss, scalars."""
        inputs = self.inputs(self.step_count, photos, self.progress)
        return self.step(*inputs, learning_rate=self.schedule.learning_rate_at(self.step_count, self.progress))

    def state_dict(self) -> dict[str, Any]:
        """That of the step, and the place in the training: tensors and plain types."""
        state = self.step.state_dict()
        return {
            **state,
            "epoch": self.epoch,
            "epoch_base": list(self.epoch_base),
            "steps_per_epoch": self.loader.steps_per_epoch,
            "seconds": self.seconds,
            "losses": self.losses,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where :meth:`state_dict` was taken; a cut-off epoch begins again where its length has changed."""
        self.step.load_state_dict(state)
        same = state["steps_per_epoch"] == self.loader.steps_per_epoch
        self.epoch_base = tuple(state["epoch_base"]) if same else (state["epoch"], state["step"])
        self.seconds = state["seconds"]
        self.losses = state["losses"]

    @property
    def _step_of_epoch(self) -> int:
        return (self.step_count - self.epoch_base[1]) % self.loader.steps_per_epoch

    def _crops(self) -> Generating[Tensor, None, None]:
        """The crops of the current epoch, from the current step on, at the size of the moment."""
        with closing(self.loader.epoch(self.epoch, self._step_of_epoch)) as batches:
            for batch in batches:
                yield batch.cut(self.schedule.crop_size_at(self.progress), self.step.device)

    def _log(self, terms: dict[str, Tensor], crop: Tensor) -> None:
        self._images_since_log += len(crop) * self.context.world_size
        if self.step_count % self.log_every and self.step_count != 1:
            return
        self.step.check()
        values = totals(dict(zip(terms, torch.stack(list(terms.values())).tolist(), strict=True)))
        self.losses = dict(values)
        now = time.perf_counter()
        values["learning_rate"] = self.step.optimizer.param_groups[0]["lr"]
        values["images_per_second"] = self._images_since_log / (now - self._log_clock)
        values["crop_size"] = float(crop.shape[-1])
        self._images_since_log, self._log_clock = 0, now
        remaining = self.schedule.remaining_seconds(self.step_count, self.seconds)
        self.monitor.record(Record(self.step_count, self.epoch, self.seconds, remaining, values))
