"""Which styles a step learns: those that lag behind are drawn more often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from texnet.generators.style_delta import MultiStyleGenerator, runs
from texnet.losses.styles_loss import StylesLoss, StyleTarget
from texnet.rng import make_generator
from texnet.training import Callback, Trainer

FIRST_VISITS = 8  # steps of a style whose mean loss is where it began
PICTURES_PER_STYLE = 2  # of a batch: kernels and statistics of a style are made once for both
FORGETTING = 0.97  # of a style's mean loss, per step that it is in
LARGEST_RATIO = 2.0  # of a style's share of the draws to an even one


class BalancedDraw(Callback):
    """Draws the styles of the next step, and sets model and loss to them: a function of the seed and the losses.

    A style is drawn in proportion to the share of its first loss that is left, the relative inverse training rate of Chen et
    al. 2018 (GradNorm), within a factor of LARGEST_RATIO.
    """

    def __init__(
        self, model: MultiStyleGenerator, loss: StylesLoss, targets: Sequence[StyleTarget], *, batch_size: int, seed: int
    ) -> None:
        self.model, self.loss, self.targets = model, loss, targets
        self.batch_size, self.seed = batch_size, seed
        self.visits = [0] * len(targets)
        self.first = [0.0] * len(targets)
        self.mean = [0.0] * len(targets)

    def after_step(self, trainer: Trainer) -> None:
        """Take in the losses of the step, and choose the styles of the next one."""
        for (style, _), loss in zip(runs(self.model.chosen), self.loss.last, strict=True):
            self._count(style, float(loss))
        self.choose(trainer.step_count)

    def choose(self, step: int) -> None:
        """The styles of the step that follows so many."""
        shares = torch.tensor(self.shares(), dtype=torch.float64)
        count = min(len(self.targets), max(1, self.batch_size // PICTURES_PER_STYLE))
        random = make_generator(self.seed, "styles", step)
        styles = torch.multinomial(shares, count, generator=random).tolist()
        self.model.chosen = sorted(styles[place % count] for place in range(self.batch_size))
        self.loss.targets = [self.targets[style] for style in self.model.chosen]

    def shares(self) -> list[float]:
        """How often each style is drawn, in units of an even share before they are scaled to add up."""
        if not all(visits >= FIRST_VISITS for visits in self.visits):
            return [1.0] * len(self.targets)
        left = [mean / max(first, 1e-12) for mean, first in zip(self.mean, self.first, strict=True)]
        even = sum(left) / len(left)
        return [min(LARGEST_RATIO, max(1 / LARGEST_RATIO, one / even)) for one in left]

    def state_dict(self) -> dict[str, list[float]]:
        """What the draws depend on, besides the seed and the step."""
        return {"visits": [*map(float, self.visits)], "first": list(self.first), "mean": list(self.mean)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where :meth:`state_dict` was taken."""
        self.visits = [int(visits) for visits in state["visits"]]
        self.first, self.mean = list(state["first"]), list(state["mean"])

    def _count(self, style: int, loss: float) -> None:
        self.visits[style] += 1
        visits = self.visits[style]
        if visits <= FIRST_VISITS:
            self.first[style] += (loss - self.first[style]) / visits
            self.mean[style] = self.first[style]
        else:
            self.mean[style] += (1 - FORGETTING) * (loss - self.mean[style])
