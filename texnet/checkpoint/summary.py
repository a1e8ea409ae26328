"""How a generator was trained: what a stranger who gets its file wants to know, without a path or a host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from texnet.checkpoint.validation import check_count, check_numbers, read_settings
from texnet.config import TrainConfig

INIT_NAMES = ("pretrained", "scratch")  # of --init; any other value is a file of this machine


@dataclass(frozen=True)
class TrainingSummary:
    """Length, data and outcome of a training.

    ``num_styles`` were learned together. ``losses`` are the weighted terms and sums of the last logged step. ``init`` is
    pretrained, scratch or checkpoint. Loss settings are not repeated here: see :attr:`Checkpoint.loss_config`.
    """

    steps: int = 0
    epochs: int = 0
    minutes: float = 0.0
    num_photos: int = 0
    num_styles: int = 1
    image_size: int = 256
    batch_size: int = 4
    learning_rate: float = 0.0
    seed: int = 0
    precision: str = "auto"
    init: str = "scratch"
    losses: Mapping[str, float] = field(default_factory=dict)


def summarize(
    config: TrainConfig, *, steps: int, seconds: float, epochs: int = 0, num_photos: int = 0, losses: Mapping[str, float]
) -> TrainingSummary:
    """The summary of a training. It names each field that it takes from the config, so that no path gets in unseen."""
    return TrainingSummary(
        steps=steps,
        epochs=epochs,
        minutes=seconds / 60,
        num_photos=num_photos,
        image_size=config.data.image_size,
        batch_size=config.data.batch_size,
        learning_rate=config.learning_rate,
        seed=config.optim.seed,
        precision=config.optim.precision,
        init=config.optim.init if config.optim.init in INIT_NAMES else "checkpoint",
        losses=dict(losses),
    )


def check_training(plain: Any) -> TrainingSummary:
    """The summary in a checkpoint; UserError where it is none."""
    training = read_settings(TrainingSummary, plain, "training")
    check_numbers(training.losses, "training: losses")
    for name in ("steps", "epochs", "num_photos", "num_styles"):
        check_count(getattr(training, name), f"training: {name}")
    check_numbers({"minutes": training.minutes, "learning_rate": training.learning_rate}, "training")
    return training
