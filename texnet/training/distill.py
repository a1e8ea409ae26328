"""Teach a narrow network to see what VGG-19 sees, for machines where VGG's weights are not at hand.

Matching features on photos is not enough: a generator finds what the student does not see. So it is taught on
pictures that are on the way of being optimised, by its own gradient and by VGG's, and on paintings; and their statistics are
matched as well as the features. All in square roots, as the loss of training has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from texnet.config import STYLE_TAPS
from texnet.losses.features import Features
from texnet.losses.style import covariance, square_root, squared_distance
from texnet.seeds import random_for
from texnet.training.pruning import Teacher

TAP_WEIGHT = 3.0  # of STYLE_TAPS, whose statistics lead the pictures' way, among all taps
STEP = 0.02  # of the range of a pixel, root mean square: how far a picture goes at each step
LONGEST_WAY = 60  # steps after which a picture is replaced
DISTURBANCE = 0.1  # largest deviation of the noise that half of the fresh pictures get


@dataclass
class Walker:
    """Pictures on their way to a style: (N, 3, S, S), the style picture (1, 3, H, W), steps gone, and by whose gradient."""

    pictures: Tensor
    style: Tensor
    steps: int
    by_student: bool


class Distillation:
    """Call :meth:`step` with fresh pictures and pictures on their way, as :class:`texnet.training.mixture.Mixture` gives."""

    def __init__(self, student: Features, teacher: Teacher, seed: int) -> None:
        self.student = student.requires_grad_(True)
        self.teacher = teacher
        self.optimizer = torch.optim.AdamW(student.parameters(), betas=(0.9, 0.99), weight_decay=1e-4)
        self.taps = student.taps
        self.seed = seed
        self.count = 0

    def step(self, fresh: Tensor, walker: Walker, learning_rate: float) -> dict[str, float]:
        """One update from fresh pictures, (N, 3, S, S), and pictures on their way, which take a step; the parts of the loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        fresh = disturb(fresh, random_for(self.seed, "disturb", self.count))
        with torch.no_grad():
            targets = self.teacher(fresh, self.taps)
        feature_loss = self._feature_loss(self.student(fresh), targets)
        way_loss = self._walk(walker)
        self.optimizer.zero_grad(set_to_none=True)
        total = feature_loss + way_loss
        torch.autograd.backward(total)
        torch.nn.utils.clip_grad_norm_(self.student.parameters(), 1.0)
        if not torch.isfinite(total):
            raise FloatingPointError(f"step {self.count + 1}: the loss is not finite")
        self.optimizer.step()
        self.count += 1
        return {"features": feature_loss.item(), "on the way": way_loss.item()}

    def _walk(self, walker: Walker) -> Tensor:
        """Feature loss on the walker's pictures, which then take a step."""
        pictures = walker.pictures.clone().requires_grad_()
        targets, seen = self.teacher(pictures, self.taps), self.student(pictures)
        guide, looks = (self.student, seen) if walker.by_student else (self.teacher, targets)
        with torch.no_grad():
            wanted = _statistics(guide(walker.style, STYLE_TAPS))
        distance = _log_distance(looks, wanted)
        (gradient,) = torch.autograd.grad(distance, pictures, retain_graph=walker.by_student)
        length = gradient.square().mean((1, 2, 3), keepdim=True).sqrt().clamp(min=1e-20)
        walker.pictures = (walker.pictures - STEP * gradient / length).clamp(0, 1)
        walker.steps += 1
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
