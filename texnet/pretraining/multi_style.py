"""A beginning for every style: a generator that learned many of them, one after the other.

What it took from the last style is soon changed; what it learned of seeing a photo and of laying strokes stays, and spares a
new style the time in which a network from scratch has wiped out the photo and not yet found it again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from texnet.images import load_style
from texnet.losses import PerceptualLoss
from texnet.rng import make_generator
from texnet.training.trainer import Callback, Trainer

SMALLEST, LARGEST = 320, 640  # long side of the style pictures, pixels


@dataclass(frozen=True)
class StyleTarget:
    """A style to learn: what of :class:`PerceptualLoss` depends on it."""

    targets: dict[str, dict[str, Tensor]]
    feature_norm: dict[str, float]
    term_norm: dict[str, float]


def build_style_targets(
    paths: Sequence[Path], count: int, loss: PerceptualLoss, photos: Tensor, seed: int
) -> list[StyleTarget]:
    """``count`` variations of the style pictures in turn, measured on photos, (N, 3, S, S) in [0, 1].

    A few pictures become many styles: at other sizes, mirrored, with their color channels exchanged, as negatives.
    """
    style_targets = []
    for number in range(count):
        style = augment_style(paths[number % len(paths)], number, seed)
        loss.set_style(style.to(photos.device))
        style_targets.append(StyleTarget(loss.style_targets, loss.feature_norm, loss.measure_term_norm(photos)))
    return style_targets


def augment_style(path: Path, number: int, seed: int) -> Tensor:
    """A variation of a style picture, (1, 3, H, W) in [0, 1], by number and seed."""
    random = make_generator(seed, "vary", number)
    size, flip, order, invert = torch.rand(4, generator=random).tolist()
    style = load_style(path, round(SMALLEST + size * (LARGEST - SMALLEST)))
    if flip < 0.5:
        style = style.flip(3)
    if order < 0.75:
        style = style[:, torch.randperm(3, generator=random)]
    return 1 - style if invert < 0.15 else style


class StyleCycle(Callback):
    """Changes the style that the loss of a trainer asks for every ``steps_per_style``.

    ``on_style`` is called when one is done.
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
        self._choose(0)

    def after_step(self, trainer: Trainer) -> None:
        """At the end of a target let the loss ask for the next style."""
        number, rest = divmod(trainer.step_count, self.steps_per_style)
        if not rest:
            self._choose(number)
            self.on_style()

    def _choose(self, number: int) -> None:
        """Every target once in each round, in an order of its own."""
        turn, place = divmod(number, len(self.style_targets))
        order = torch.randperm(len(self.style_targets), generator=make_generator(self.seed, "style_targets", turn))
        target = self.style_targets[int(order[place])]
        self.trainer.loss.style_targets = target.targets
        self.trainer.loss.feature_norm = target.feature_norm
        self.trainer.loss.set_term_norm(target.term_norm)
