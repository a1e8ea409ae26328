"""Pretrain a generator in visits to one style after the other: a start for short trainings (Reptile, Nichol et al. 2018).

What learns many styles at once keeps of every photo what suits them all, and a training has to leave that first. In a visit a
generator learns one style, as in every training; then the start, from which all visits set out, moves a part of the way there.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from texnet.pretraining.style_pool import draw_style
from texnet.training import Callback, Trainer
from texnet.training.schedule import Schedule

VISIT_STEPS = 40
VISIT_SHARE = 0.5  # of the way from the start to where a visit ends


class VisitSchedule(Schedule):
    """A schedule whose learning rate rises and falls in every visit."""

    def learning_rate_at(self, steps: int, progress: float) -> float:
        """That of a training as long as a visit."""
        within = steps % VISIT_STEPS
        return super().learning_rate_at(within, within / VISIT_STEPS)


class StyleSource(Callback):
    """Base of what decides which styles a pretraining sees."""

    def begin(self, trainer: Trainer) -> None:
        """Called before the first step, or where a pretraining goes on."""

    def state(self, trainer: Trainer) -> dict[str, Any]:
        """The trainer's state, to go on from; its ``ema`` has the weights that were learned."""
        return trainer.state_dict()


class Visits(StyleSource):
    """Sends a trainer's generator from the start to a varied style picture, another in every visit.

    ``photos``, (N, 3, H, W) in [0, 1], are those on which a style's term norms are measured. Which style a visit sees is a
    function of the seed and the step. A visit that is cut off is lost.
    """

    def __init__(self, trainer: Trainer, paths: Sequence[Path], photos: Tensor, *, seed: int) -> None:
        self.loss, self.paths, self.photos, self.seed = trainer.loss, paths, photos, seed
        self.start: dict[str, Tensor] = {}
        trainer.schedule = VisitSchedule(**vars(trainer.schedule))

    def begin(self, trainer: Trainer) -> None:
        """Take the trainer's generator as the start."""
        self.start = copy.deepcopy(trainer.generator.state_dict())
        self._set_out(trainer)

    def after_step(self, trainer: Trainer) -> None:
        """End a visit that is over, and begin the next."""
        if trainer.step_count % VISIT_STEPS == 0:
            for name, weight in trainer.generator.state_dict().items():
                self.start[name].lerp_(weight, VISIT_SHARE)
            self._set_out(trainer)

    def state(self, trainer: Trainer) -> dict[str, Any]:
        """At the start, as between visits."""
        return {**trainer.state_dict(), "generator": self.start, "ema": self.start}

    @torch.no_grad()
    def _set_out(self, trainer: Trainer) -> None:
        trainer.generator.load_state_dict(self.start)
        trainer.step.optimizer.state.clear()
        self.loss.set_style(draw_style(self.paths, trainer.step_count // VISIT_STEPS, self.seed).to(self.photos.device))
        self.loss.measure_term_norm(self.photos)
