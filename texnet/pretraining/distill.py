"""Teach a narrow network to see what VGG-19 sees, for machines where VGG's weights are not at hand.

Matching features on photos is not enough: a generator finds what the student does not see. So it is taught on
pictures that are on the way of being optimized, by its own gradient and by VGG's, and on paintings; and their statistics are
matched as well as the features. All in square roots, as the loss of training has it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from texnet.config import STYLE_TAPS
from texnet.devices import autocast
from texnet.errors import NonFiniteError
from texnet.losses.features import Features
from texnet.losses.style import covariance, squared_distance
from texnet.ops import square_root
from texnet.pretraining.channel_selection import Teacher
from texnet.rng import make_generator
from texnet.training.schedule import Schedule

if TYPE_CHECKING:
    from texnet.pretraining.distill_data import DistillationData

TAP_WEIGHT = 3.0  # of STYLE_TAPS, whose statistics lead the pictures' way, among all taps
STEP = 0.02  # of the range of a pixel, root mean square: how far a picture goes at each step
LONGEST_WAY = 60  # steps after which a picture is replaced
CHECK_EVERY = 100  # steps between looks at how much is explained
DISTURBANCE = 0.1  # largest deviation of the noise that half of the fresh pictures get


@dataclass
class OptimizedBatch:
    """Pictures on their way to a style: (N, 3, S, S), the style picture (1, 3, H, W), steps gone, and by whose gradient."""

    pictures: Tensor
    style: Tensor
    steps: int
    by_student: bool


class Distillation:
    """A student and how it learns: :meth:`fit` it on :class:`DistillationData`, in the given number format."""

    def __init__(self, student: Features, teacher: Teacher, seed: int, precision: torch.dtype = torch.float32) -> None:
        self.student = student.requires_grad_(True)
        self.teacher = teacher
        self.optimizer = torch.optim.AdamW(student.parameters(), betas=(0.9, 0.99), weight_decay=1e-4)
        self.taps = student.taps
        self.seed = seed
        self.precision = precision
        self.count = 0

    def fit(
        self,
        stream: DistillationData,
        sample: Tensor,
        schedule: Schedule,
        on_check: Callable[[int, float, dict[str, float]], object],
    ) -> None:
        """Steps on a stream until the schedule is done.

        Every CHECK_EVERY steps and at the end ``on_check`` gets their number, the seconds, and as values the parts of the
        loss and how much of the teacher's view of a sample, (N, 3, S, S), is explained at each tap.
        """
        begin, progress = time.perf_counter(), 0.0
        while progress < 1:
            rate = schedule.learning_rate_at(self.count, progress)
            with autocast(self.precision, stream.device):
                fresh, optimized = stream.fresh(self.count), stream.optimized(self.count)
            parts = self.step(fresh, optimized, rate)
            seconds = time.perf_counter() - begin
            progress = schedule.progress(self.count, seconds)
            if self.count % CHECK_EVERY == 0 or progress >= 1:
                with torch.no_grad():
                    shares = dict(explained(self.student(sample), self.teacher(sample, self.taps)))
                on_check(self.count, seconds, {**{name: part.item() for name, part in parts.items()}, **shares})

    def step(self, fresh: Tensor, optimized: OptimizedBatch, learning_rate: float) -> dict[str, Tensor]:
        """One update from fresh pictures, (N, 3, S, S), and pictures on their way, which take a step; the parts of the loss.

        FloatingPointError names what became infinite or not a number; the weights are then those before the step.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        fresh = disturb(fresh, make_generator(self.seed, "disturb", self.count))
        with autocast(self.precision, fresh.device):
            with torch.no_grad():
                targets = self.teacher(fresh, self.taps)
            parts = {"features": self._feature_loss(self.student(fresh), targets), "on the way": self._walk(optimized)}
        self.optimizer.zero_grad(set_to_none=True)
        total = torch.stack(list(parts.values())).sum()
        torch.autograd.backward(total)
        norm = torch.nn.utils.clip_grad_norm_(self.student.parameters(), 1.0)
        if not torch.isfinite(norm + total):
            broken = [name for name, part in parts.items() if not torch.isfinite(part)] or ["the gradient"]
            raise NonFiniteError(f"step {self.count + 1}: {', '.join(broken)} is not finite")
        self.optimizer.step()
        self.count += 1
        return {name: part.detach() for name, part in parts.items()}

    def _walk(self, optimized: OptimizedBatch) -> Tensor:
        """Feature loss on the optimized's pictures, which then take a step."""
        pictures = optimized.pictures.clone().requires_grad_()
        targets, seen = self.teacher(pictures, self.taps), self.student(pictures)
        guide, looks = (self.student, seen) if optimized.by_student else (self.teacher, targets)
        with torch.no_grad():
            wanted = _statistics(guide(optimized.style, STYLE_TAPS))
        distance = _log_distance(looks, wanted)
        (gradient,) = torch.autograd.grad(distance, pictures, retain_graph=optimized.by_student)
        length = gradient.square().mean((1, 2, 3), keepdim=True).sqrt().clamp(min=1e-20)
        optimized.pictures = (optimized.pictures - STEP * gradient / length).clamp(0, 1)
        optimized.steps += 1
        return self._feature_loss(seen, {tap: value.detach() for tap, value in targets.items()})

    def _feature_loss(self, seen: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> Tensor:
        """Unexplained variance, and the relative error of means and covariances, means over the taps."""
        total = torch.zeros((), device=next(iter(seen.values())).device)
        weights = {tap: TAP_WEIGHT if tap in STYLE_TAPS else 1.0 for tap in targets}
        for tap, weight in weights.items():
            roots, wanted_roots = _root(seen[tap]), _root(targets[tap])
            error = (roots - wanted_roots).square().mean() / _variance(wanted_roots)
            found, wanted = covariance(roots), covariance(wanted_roots)
            for part in found:
                scale = wanted[part].square().flatten(1).sum(1).mean().clamp(min=1e-12)
                error = error + squared_distance(found[part], wanted[part]).mean() / scale
            total = total + weight / sum(weights.values()) * error
        return total


def disturb(pictures: Tensor, random: torch.Generator) -> Tensor:
    """Add noise of a strength of its own to each second picture, (N, 3, S, S)."""
    strength = torch.rand(len(pictures), 1, 1, 1, generator=random) * DISTURBANCE
    strength[::2] = 0
    noise = torch.randn(pictures.shape, generator=random)
    return (pictures + (strength * noise).to(pictures)).clamp(0, 1)


def explained(seen: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> Iterator[tuple[str, float]]:
    """The share of the variance of each tap's square roots that the student explains: 1 = all."""
    for tap, target in targets.items():
        error = (_root(seen[tap]) - _root(target)).square().mean()
        yield tap, 1 - (error / _variance(_root(target))).item()


def _log_distance(seen: Mapping[str, Tensor], wanted: Mapping[str, Mapping[str, Tensor]]) -> Tensor:
    """Sum of the logarithms of the layers' style distances: its gradient weighs every layer alike, whatever its scale."""
    total = torch.zeros((), device=next(iter(seen.values())).device)
    for tap, parts in _statistics(seen).items():
        for part, value in parts.items():
            total = total + (squared_distance(value, wanted[tap][part]) + 1e-20).log().sum()
    return total


def _statistics(seen: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    return {tap: covariance(_root(seen[tap])) for tap in STYLE_TAPS if tap in seen}


def _root(seen: Tensor) -> Tensor:
    return square_root(seen.float(), 1.0)


def _variance(features: Tensor) -> Tensor:
    """Mean over the channels of their variance."""
    return features.var(dim=(0, 2, 3)).mean().clamp(min=1e-12)
