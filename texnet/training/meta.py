"""A beginning for every style: first-order meta-learning over many of them (Reptile, Nichol et al. 2018).

The generator learns one style for a few steps, the base takes a part of the way after it, and the next style begins
from the base. What remains is a generator of no style that is near to all.
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

FIRST_RATE, LAST_RATE = 0.8, 0.1  # part of the way that the base takes, at the beginning and at the end
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


class Reptile:
    """Call :meth:`after_step` after each step of a trainer whose loss then changes its style every ``task_steps``.

    ``on_task`` is called with the number of tasks that are done, when the generator holds the base.
    """

    def __init__(
        self,
        trainer: Trainer,
        tasks: Sequence[Task],
        *,
        task_steps: int,
        seed: int,
        on_task: Callable[[int], None] = lambda number: None,
    ) -> None:
        self.trainer = trainer
        self.tasks = tasks
        self.task_steps = task_steps
        self.seed = seed
        self.on_task = on_task
        self.base: list[Tensor] = [parameter.detach().clone() for parameter in trainer.generator.parameters()]
        self._choose(0)

    @torch.no_grad()
    def after_step(self) -> None:
        """At the end of a task move the base towards the generator, and the generator back to the base."""
        number, rest = divmod(self.trainer.step_count, self.task_steps)
        if rest:
            return
        rate = FIRST_RATE + (LAST_RATE - FIRST_RATE) * self.trainer.progress
        weights: list[Tensor] = list(self.trainer.generator.parameters())
        torch._foreach_lerp_(self.base, weights, rate)
        torch._foreach_copy_(weights, self.base)
        self._choose(number)
        self.on_task(number)

    def _choose(self, number: int) -> None:
        """Every task once in each round, in an order of its own."""
        turn, place = divmod(number, len(self.tasks))
        order = torch.randperm(len(self.tasks), generator=random_for(self.seed, "tasks", turn))
        task = self.tasks[int(order[place])]
        self.trainer.loss.style_targets = task.targets
        self.trainer.loss.units = task.units
        self.trainer.loss.set_scales(task.scales)
