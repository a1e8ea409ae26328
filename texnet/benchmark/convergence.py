"""How long to train: shorter trainings, each with a schedule of its own, beside the longest that the minutes allow.

All learn the same from the same start; their losses are those of photos that were held out, at noise factor 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from texnet.benchmark.setup import BenchmarkSetup, learnable
from texnet.benchmark.summary import Figure
from texnet.config import BenchmarkConfig, OptimConfig, TrainConfig
from texnet.devices import autocast
from texnet.generators.noise import draw_noise
from texnet.monitoring import Monitor
from texnet.reporting.tables import MISSING, Table, format_number
from texnet.training import Training, build_training
from texnet.training.calibrate import calibration_photos

SHARES = (1 / 2, 1 / 4, 1 / 8, 1 / 16)  # of the longest training
TOLERANCE = 1.05  # of its loss
USABLE = 0.7  # of the minutes: the rest is for starting, building and scoring


@dataclass(frozen=True)
class ScoredTraining:
    """How long a training took, and the loss of its network."""

    steps: int
    seconds: float
    loss: float


@dataclass(frozen=True)
class Convergence:
    """Trainings of one style, the longest first, with what they learned from."""

    features: str
    num_photos: int
    batch_size: int
    trainings: tuple[ScoredTraining, ...]

    @property
    def longest(self) -> ScoredTraining:
        """The one that the others are compared with."""
        return self.trainings[0]

    @property
    def quickest(self) -> ScoredTraining:
        """The shortest training within TOLERANCE of the longest one's loss."""
        good = [training for training in self.trainings if training.loss <= TOLERANCE * self.longest.loss]
        return min(good, key=lambda training: training.seconds)

    @property
    def images_per_second(self) -> float:
        """Pictures per second of the longest training, crops that grow and reading of photos included."""
        return self.longest.steps * self.batch_size / self.longest.seconds

    def table(self) -> Table:
        """The trainings below each other."""
        rows = [
            [str(training.steps), *(format_number(value, 4) for value in (training.seconds, training.loss, ratio))]
            for training in self.trainings
            for ratio in [training.loss / self.longest.loss]
        ]
        title = f"Convergence: trainings of one style on {self.num_photos} photos, loss by {self.features} of photos held out"
        return Table(("steps", "seconds", "loss", "over the longest"), rows, title)

    def figures(self) -> Sequence[Figure]:
        """Seconds until the loss is near that of the longest, and the speed of the whole loop."""
        reached = format_number(self.quickest.seconds) if len(self.trainings) > 1 else MISSING
        return [
            Figure(f"s to {TOLERANCE} x the loss of {self.longest.steps} steps", reached),
            Figure(f"s of {self.longest.steps} steps", format_number(self.longest.seconds)),
            Figure("pictures/s of that training, growing crops", format_number(self.images_per_second)),
        ]


def measure_convergence(setup: BenchmarkSetup, config: BenchmarkConfig) -> Convergence:
    """Train up to ``config.max_steps`` steps within ``config.max_minutes``, where given, then in the shares of that time."""
    training = learnable(setup)
    minutes = USABLE * config.max_minutes / (1 + sum(SHARES))
    longest, last = _train(training, setup, OptimConfig(epochs=0, max_steps=config.max_steps, max_minutes=minutes))
    scored = [longest]
    for share in SHARES:
        steps = int(longest.steps * share)
        if steps:
            scored.append(_train(training, setup, OptimConfig(epochs=0, max_steps=steps))[0])
    return Convergence(last.config.loss.features, len(last.data.photos), training.data.batch_size, tuple(scored))


def _train(config: TrainConfig, setup: BenchmarkSetup, limits: OptimConfig) -> tuple[ScoredTraining, Training]:
    optim = replace(config.optim, epochs=0, max_steps=limits.max_steps, max_minutes=limits.max_minutes)
    training = build_training(replace(config, optim=optim), Monitor(), device=setup.device, precision=setup.precision)
    with training.trainer.loader:
        training.trainer.fit()
    return ScoredTraining(training.trainer.step_count, training.trainer.seconds, score(training)), training


@torch.no_grad()
def score(training: Training) -> float:
    """The mean loss at noise factor 1 of photos that were held out, with the noise of seed 0."""
    trainer, generator = training.trainer, training.trainer.ema_generator
    losses = []
    photos = calibration_photos(training.data.held_out, training.config.optim.seed)
    for photo in photos.to(trainer.step.device)[:, None]:  # (1, 3, H, W)
        full = photo.new_ones(1)
        noise = draw_noise(0, (1, generator.noise_channels, *photo.shape[2:]), photo.device)
        with autocast(trainer.step.precision, photo.device):
            output = generator(noise, photo, full)
        losses.append(torch.stack(list(trainer.loss(output, photo, full, full).values())).sum())
    return torch.stack(losses).mean().item()
