"""A beginning for every style: a generator that learnt many of them, one after the other.

What it took from the last style is soon changed; what it learnt of seeing a photo and of laying strokes stays, and spares a
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
from texnet.seeds import random_for
from texnet.training.trainer import Trainer

SMALLEST, LARGEST = 320, 640  # long side of the style pictures, pixels


@dataclass(frozen=True)
class Task:
    """A style to learn: what of :class:`PerceptualLoss` depends on it."""

    targets: dict[str, dict[str, Tensor]]
    units: dict[str, float]
    scales: dict[str, float]


def build_tasks(paths: Sequence[Path], count: int, loss: PerceptualLoss, photos: Tensor, seed: int) -> list[Task]:
    """``count`` variations of the style pictures in turn, measured on photos, (N, 3, S, S) in [0, 1].

    A few pictures become many styles: at other sizes, mirrored, with their colour channels exchanged, as negatives.
    """
    tasks = []
    for number in range(count):
        style = vary(paths[number % len(paths)], number, seed)
        loss.set_style(style.to(photos.device))
        tasks.append(Task(loss.style_targets, loss.units, loss.measure_scales(photos)))
    return tasks


def vary(path: Path, number: int, seed: int) -> Tensor:
    """A variation of a style picture, (1, 3, H, W) in [0, 1], by number and seed."""
    random = random_for(seed, "vary", number)
    size, flip, order, invert = torch.rand(4, generator=random).tolist()
    style = load_style(path, round(SMALLEST + size * (LARGEST - SMALLEST)))
    if flip < 0.5:
        style = style.flip(3)
    if order < 0.75:
        style = style[:, torch.randperm(3, generator=random)]
    return 1 - style if invert < 0.15 else style


class StylesInTurn:
    """Call :meth:`after_step` after each step of a trainer whose loss then changes its style every ``task_steps``.

    ``on_task`` is called when one is done.
    """

    def __init__(
        self,
        trainer: Trainer,
        tasks: Sequence[Task],
        *,
        task_steps: int,
        seed: int,
        on_task: Callable[[], object] = lambda: None,
    ) -> None:
        self.trainer = trainer
        self.tasks = tasks
        self.task_steps = task_steps
        self.seed = seed
        self.on_task = on_task
        self._choose(0)

    def after_step(self) -> None:
        """At the end of a task let the loss ask for the next style."""
        number, rest = divmod(self.trainer.step_count, self.task_steps)
        if not rest:
            self._choose(number)
            self.on_task()

    def _choose(self, number: int) -> None:
        """Every task once in each round, in an order of its own."""
        turn, place = divmod(number, len(self.tasks))
        order = torch.randperm(len(self.tasks), generator=random_for(self.seed, "tasks", turn))
        task = self.tasks[int(order[place])]
        self.trainer.loss.style_targets = task.targets
        self.trainer.loss.units = task.units
        self.trainer.loss.set_scales(task.scales)
