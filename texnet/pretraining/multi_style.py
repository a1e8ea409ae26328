"""Pretrain a generator on many styles, one after the other, as the start of every other training.

The last style is soon unlearned. What stays is how to read a photo and lay strokes: a network from scratch first has to
erase the photo and find it again, which takes most of a short training.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from texnet.checkpoint import summarize
from texnet.config import PretrainConfig, TrainConfig
from texnet.devices import choose_precision
from texnet.finding import expand_paths
from texnet.images import load_style
from texnet.losses import PerceptualLoss
from texnet.monitoring import Monitor
from texnet.rng import make_generator
from texnet.training import Callback, Trainer, build_training
from texnet.training.data import TERM_NORM_PHOTOS
from texnet.training.initialization import pack_pretrained
from texnet.training.previews import choose_photos

MIN_SIZE, MAX_SIZE = 320, 640  # long side of the style pictures, pixels


def pretrain_generator(pretrain_config: PretrainConfig, config: TrainConfig, monitor: Monitor, device: torch.device) -> int:
    """Train a generator and write it to ``pretrain_config.output``, after every style and at the end; the number of steps."""
    paths = [path for path, _ in expand_paths(pretrain_config.textures)]
    output = Path(pretrain_config.output)
    config = replace(config, loss=replace(config.loss, texture=str(paths[0])))
    precision = choose_precision(config.optim.precision, device)
    training = build_training(config, monitor, device=device, precision=precision)
    trainer, seed = training.trainer, config.optim.seed
    photos = choose_photos(training.data.photos, TERM_NORM_PHOTOS, seed, "scales").to(device)
    style_targets = build_style_targets(paths, pretrain_config.num_styles, trainer.loss, photos, seed)
    monitor.message(f"{len(style_targets)} styles out of {len(paths)} pictures, {len(training.data.photos)} photos")

    def save() -> None:
        summary = summarize(
            training.config,
            steps=trainer.step_count,
            seconds=trainer.seconds,
            epochs=trainer.epoch,
            num_photos=len(training.data.photos),
            losses=trainer.losses,
        )
        pack_pretrained(training.config, trainer.generator, summary).save(output)

    steps_per_style = pretrain_config.steps_per_style
    cycle = StyleCycle(trainer, style_targets, steps_per_style=steps_per_style, seed=seed, on_style=save)
    with trainer.loader:
        trainer.fit([cycle])
    save()
    return trainer.step_count


@dataclass(frozen=True)
class StyleTarget:
    """What of :class:`PerceptualLoss` depends on the style."""

    targets: dict[str, dict[str, Tensor]]
    feature_norm: dict[str, float]
    term_norm: dict[str, float]


def build_style_targets(
    paths: Sequence[Path], count: int, loss: PerceptualLoss, photos: Tensor, seed: int
) -> list[StyleTarget]:
    """``count`` augmented style pictures, the files in turn; the terms are normalized on photos (N, 3, S, S) in [0, 1]."""
    style_targets = []
    for number in range(count):
        style = augment_style(paths[number % len(paths)], number, seed)
        loss.set_style(style.to(photos.device))
        style_targets.append(StyleTarget(loss.style_targets, loss.feature_norm, loss.measure_term_norm(photos)))
    return style_targets


def augment_style(path: Path, number: int, seed: int) -> Tensor:
    """A style picture (1, 3, H, W) in [0, 1] at a random size, possibly mirrored, with its channels permuted, or negative.

    Equal numbers and seeds give equal pictures.
    """
    random = make_generator(seed, "vary", number)
    size, flip, order, invert = torch.rand(4, generator=random).tolist()
    style = load_style(path, round(MIN_SIZE + size * (MAX_SIZE - MIN_SIZE)))
    if flip < 0.5:
        style = style.flip(3)
    if order < 0.75:
        style = style[:, torch.randperm(3, generator=random)]
    return 1 - style if invert < 0.15 else style


class StyleCycle(Callback):
    """Changes the style of a trainer's loss every ``steps_per_style``.

    Every round goes through all styles, in a random order of its own. ``on_style`` is called when a style is done.
    """

    def __init__(
        self,
        trainer: Trainer,
        style_targets: Sequence[StyleTarget],
        *,
        steps_per_style: int,
        seed: int,
        on_style: Callable[[], object] = lambda: None,
    ) -> None:
        self.trainer = trainer
        self.style_targets = style_targets
        self.steps_per_style = steps_per_style
        self.seed = seed
        self.on_style = on_style
        self._set_style(0)

    def after_step(self, trainer: Trainer) -> None:
        """Set the next style where the steps of the current one are done."""
        number, rest = divmod(trainer.step_count, self.steps_per_style)
        if not rest:
            self._set_style(number)
            self.on_style()

    def _set_style(self, number: int) -> None:
        round_number, index = divmod(number, len(self.style_targets))
        random = make_generator(self.seed, "style_targets", round_number)
        order = torch.randperm(len(self.style_targets), generator=random)
        target = self.style_targets[int(order[index])]
        self.trainer.loss.style_targets = target.targets
        self.trainer.loss.feature_norm = target.feature_norm
        self.trainer.loss.set_term_norm(target.term_norm)
