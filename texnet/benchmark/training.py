"""Whole training steps, ours and those of pytorch/examples, in turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from texnet.benchmark.floor import find_floor
from texnet.benchmark.peer import build_peer_step
from texnet.benchmark.results import OURS, PEER, Comparison, Cost, Table, shown
from texnet.benchmark.subject import Subject, random_pictures
from texnet.benchmark.timing import alternate
from texnet.config import BenchmarkConfig
from texnet.data import CropLoader, Photos
from texnet.devices import name_of
from texnet.generators import build_generator
from texnet.losses import build_loss
from texnet.monitoring.base import Monitor
from texnet.training.optim import build_optimizer
from texnet.training.schedule import Schedule
from texnet.training.trainer import Trainer

BATCH = 4  # pytorch/examples' own


@dataclass(frozen=True)
class TrainingSpeed:
    """What a step on a batch of square pictures costs."""

    batch_size: int
    image_size: int
    step: Comparison

    @property
    def images_per_second(self) -> dict[str, float]:
        """Pictures per second of both."""
        costs = {"ours": self.step.ours, "peer": self.step.peer}
        return {name: self.batch_size / cost.seconds for name, cost in costs.items() if cost}

    def table(self) -> Table:
        """The networks below each other."""
        rows = [
            [name, cost.precision, shown(self.batch_size / cost.seconds), shown(cost.seconds), shown(cost.times_floor)]
            for name, cost in ((OURS, self.step.ours), (PEER, self.step.peer))
            if cost
        ]
        title = f"Training: steps on {self.batch_size} pictures of {self.image_size} pixels"
        columns = ("network", "format", "pictures/s", "s per step", "times the floor")
        return Table(title, columns, [*rows, ["ratio", "", shown(self.step.ratio), "", ""]])


def measure_training(subject: Subject, config: BenchmarkConfig) -> TrainingSpeed:
    """Time whole training steps of both, in turns, on pictures that are in memory."""
    photos = random_pictures(BATCH, config.size, config.size).to(subject.device)
    steps: dict[str, Callable[[], object]] = {"ours": build_our_step(subject, photos), "peer": build_peer_step(photos)}
    rounds = alternate(steps, config.rounds, subject.device)
    costs = {
        name: Cost(rounds[name], find_floor(steps[name], dtype, subject.device), name_of(dtype))
        for name, dtype in subject.formats.items()
    }
    return TrainingSpeed(BATCH, config.size, Comparison(**costs))


def build_our_step(subject: Subject, photos: Tensor) -> Callable[[], None]:
    """A step of the trainer itself on photos (N, 3, H, W) in [0, 1], N at least 2."""
    config, device = subject.training, subject.device
    loss = build_loss(config.loss, device=device, dtype=subject.precision)
    loss.set_style(random_pictures(1, 256, 256).to(device))
    loss.measure_scales(photos)
    generator = build_generator(config.generator).to(device).to(memory_format=torch.channels_last)
    trainer = Trainer(
        generator=generator,
        model=generator,
        loss=loss,
        loader=CropLoader(Photos([], photos.shape[-1]), batch_size=len(photos), num_workers=1, seed=0),
        optimizer=build_optimizer(generator, config.optim.learning_rate),
        schedule=Schedule(10_000, 0.0, config.optim.learning_rate, 0, photos.shape[-1], False),
        monitor=Monitor(),
        device=device,
        precision=subject.precision,
        max_noise_factor=config.generator.max_noise_factor,
        clip_norm=config.optim.clip_norm,
        seed=0,
        log_every=1,
    )

    def step() -> None:
        trainer.step(photos, *trainer.draw(photos))

    return step
