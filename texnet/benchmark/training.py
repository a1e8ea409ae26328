"""Whole training steps, ours and those of pytorch/examples, in turns."""

from __future__ import annotations

import statistics
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
from texnet.training.schedule import Schedule, growing_crops
from texnet.training.trainer import Trainer

BATCH = 4  # pytorch/examples' own


@dataclass(frozen=True)
class Stage:
    """Our steps while growing crops have one size: their share of all steps, the size in pixels, seconds of every round."""

    share: float
    image_size: int
    rounds: tuple[float, ...]

    @property
    def seconds(self) -> float:
        """The median over the rounds."""
        return statistics.median(self.rounds)


@dataclass(frozen=True)
class TrainingSpeed:
    """What a step on a batch of square pictures costs, at full size and, ours, as training goes: on crops that grow to it."""

    batch_size: int
    image_size: int
    step: Comparison
    stages: tuple[Stage, ...]

    @property
    def images_per_second(self) -> dict[str, float]:
        """Pictures per second of both on crops of full size, and of ours over a whole training on growing crops."""
        costs = {"ours": self.step.ours, "peer": self.step.peer}
        full = {name: self.batch_size / cost.seconds for name, cost in costs.items() if cost}
        return {**full, "ours_growing": self.batch_size / self.growing_seconds}

    @property
    def growing_seconds(self) -> float:
        """Seconds of our mean step over a training whose crops grow."""
        return sum(stage.share * stage.seconds for stage in self.stages)

    @property
    def growing_ratio(self) -> float | None:
        """How many times as many pictures of growing crops ours takes in as the peer of full-size ones, in equal time."""
        return self.step.peer.seconds / self.growing_seconds if self.step.peer else None

    def table(self) -> Table:
        """The networks below each other."""
        rows = [
            [name, cost.precision, shown(self.batch_size / cost.seconds), shown(cost.seconds), shown(cost.times_floor)]
            for name, cost in ((OURS, self.step.ours), (PEER, self.step.peer))
            if cost
        ]
        sizes = ", ".join(str(stage.image_size) for stage in self.stages)
        pace = [shown(self.batch_size / self.growing_seconds), shown(self.growing_seconds)]
        growing = [f"{OURS}, a training whose crops grow: {sizes}", rows[0][1], *pace, ""]
        ratios = [["ratio", "", shown(self.step.ratio), "", ""], ["ratio, growing", "", shown(self.growing_ratio), "", ""]]
        title = f"Training: steps on {self.batch_size} pictures of {self.image_size} pixels"
        columns = ("network", "format", "pictures/s", "s per step", "times the floor")
        return Table(title, columns, [*rows, growing, *ratios])


def measure_training(subject: Subject, config: BenchmarkConfig) -> TrainingSpeed:
    """Time whole training steps of both, in turns, on pictures that are in memory; ours at all sizes of growing crops too."""
    growing = growing_crops(config.size)
    names = {size: "ours" if size == config.size else f"ours at {size}" for _, size in growing}
    photos = {size: random_pictures(BATCH, size, size).to(subject.device) for size in names}
    steps: dict[str, Callable[[], object]] = {name: build_our_step(subject, photos[size]) for size, name in names.items()}
    steps["peer"] = build_peer_step(photos[config.size])
    rounds = alternate(steps, config.rounds, subject.device)
    costs = {
        name: Cost(rounds[name], find_floor(steps[name], dtype, subject.device), name_of(dtype))
        for name, dtype in subject.formats.items()
    }
    stages = tuple(Stage(share, size, rounds[names[size]]) for share, size in growing)
    return TrainingSpeed(BATCH, config.size, Comparison(**costs), stages)


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
        optimizer=build_optimizer(generator, config.learning_rate),
        schedule=Schedule(10_000, 0.0, config.learning_rate, 0, photos.shape[-1], False),
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
