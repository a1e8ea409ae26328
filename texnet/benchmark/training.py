"""Whole training steps, ours and those of pytorch/examples, in turns."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from texnet.benchmark.baseline import build_baseline_step
from texnet.benchmark.measure import Comparison, Cost, alternate, measure_roofline
from texnet.benchmark.setup import BASELINE, OURS, BenchmarkSetup, random_pictures
from texnet.benchmark.summary import Figure
from texnet.config import BenchmarkConfig
from texnet.devices import compile_in_place, name_of, require_compiler
from texnet.generators import build_generator
from texnet.losses import build_loss
from texnet.reporting.tables import MISSING, Table, format_number
from texnet.training.augment import InputSampler
from texnet.training.optim import build_optimizer
from texnet.training.schedule import growing_crops
from texnet.training.step import TrainStep

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
        costs = {"ours": self.step.ours, "baseline": self.step.baseline}
        full = {name: self.batch_size / cost.seconds for name, cost in costs.items() if cost}
        return {**full, "ours_growing": self.batch_size / self.growing_seconds}

    @property
    def growing_seconds(self) -> float:
        """Seconds of our mean step over a training whose crops grow."""
        return sum(stage.share * stage.seconds for stage in self.stages)

    @property
    def growing_ratio(self) -> float | None:
        """How many times as many pictures of growing crops ours takes in as the baseline of full-size ones, in equal time."""
        return self.step.baseline.seconds / self.growing_seconds if self.step.baseline else None

    def table(self) -> Table:
        """The networks below each other."""
        costs = [(name, cost) for name, cost in ((OURS, self.step.ours), (BASELINE, self.step.baseline)) if cost]
        rows = [[name, cost.precision, *self._figures(cost.seconds, cost.times_roofline)] for name, cost in costs]
        sizes = ", ".join(str(stage.image_size) for stage in self.stages)
        growing = [f"{OURS}, a training whose crops grow: {sizes}", rows[0][1], *self._figures(self.growing_seconds), ""]
        ratios = [
            ["ratio", "", format_number(self.step.ratio), "", ""],
            ["ratio, growing", "", format_number(self.growing_ratio), "", ""],
        ]
        title = f"Training: steps on {self.batch_size} pictures of {self.image_size} pixels"
        columns = ("network", "format", "pictures/s", "s per step", "times the roofline")
        return Table(columns, [*rows, growing, *ratios], title)

    def figures(self) -> Sequence[Figure]:
        """Pictures per second at full size, and of growing crops."""
        speeds = {name: format_number(speed) for name, speed in self.images_per_second.items()}
        return [
            Figure(f"pictures/s, {self.image_size} pixels", speeds.get("ours", MISSING), speeds.get("baseline", MISSING)),
            Figure("pictures/s, growing crops", speeds["ours_growing"]),
        ]

    def _figures(self, seconds: float, *others: float) -> list[str]:
        return [format_number(value) for value in (self.batch_size / seconds, seconds, *others)]


def measure_training(setup: BenchmarkSetup, config: BenchmarkConfig) -> TrainingSpeed:
    """Time whole training steps of both, in turns, on pictures that are in memory; ours at all sizes of growing crops too."""
    growing = growing_crops(config.size)
    names = {size: "ours" if size == config.size else f"ours at {size}" for _, size in growing}
    photos = {size: random_pictures(BATCH, size, size).to(setup.device) for size in names}
    steps: dict[str, Callable[[], object]] = {name: build_our_step(setup, photos[size]) for size, name in names.items()}
    steps["baseline"] = build_baseline_step(photos[config.size])
    rounds = alternate(steps, config.rounds, setup.device)
    costs = {
        name: Cost(rounds[name], measure_roofline(steps[name], dtype, setup.device), name_of(dtype))
        for name, dtype in setup.formats.items()
    }
    stages = tuple(Stage(share, size, rounds[names[size]]) for share, size in growing)
    return TrainingSpeed(BATCH, config.size, Comparison(**costs), stages)


def build_our_step(setup: BenchmarkSetup, photos: Tensor, *, compiled: bool = False) -> Callable[[], dict[str, Tensor]]:
    """A training step on photos (N, 3, H, W) in [0, 1], N at least 2, which gives the terms of its loss.

    It begins with the same weights each time. UserError where it is to be ``compiled`` and cannot be.
    """
    config, device = setup.training, setup.device
    loss = build_loss(config.loss, device=device, dtype=setup.precision)
    loss.set_style(random_pictures(1, 256, 256).to(device))
    loss.measure_term_norm(photos)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        generator = build_generator(config.generator).to(device).to(memory_format=torch.channels_last)
    if compiled:
        require_compiler(device)
        compile_in_place(generator, loss, device=device)
    step = TrainStep(
        generator=generator,
        loss=loss,
        optimizer=build_optimizer(generator, config.learning_rate),
        device=device,
        precision=setup.precision,
        clip_norm=config.optim.clip_norm,
    )
    shape = config.generator
    sample = InputSampler(seed=0, noise_channels=shape.noise_channels, max_noise_factor=shape.max_noise_factor, device=device)
    return lambda: step(*sample(step.count, photos), learning_rate=config.learning_rate)
