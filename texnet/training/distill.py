"""Teach a small network to see what VGG-19 sees, for machines where VGG's weights are not at hand.

At each tap the student gives the strongest directions of VGG-19's features, so that means, covariances and Gram
matrices are, within these directions, those of VGG-19. Matching features on photos is not enough: a generator finds what
the student does not see. So it is taught on pictures that are on the way of being optimised, by its own gradient and by
VGG's, and the direction of that gradient is matched as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from texnet.losses.features import CHANNELS, Features
from texnet.losses.style import covariance, squared_distance
from texnet.seeds import random_for

STYLE_TAPS = ("relu1_2", "relu2_2", "relu3_2", "relu4_1")  # whose statistics lead the pictures' way
STEP = 0.02  # of the range of a pixel, root mean square: how far a picture goes at each step
LONGEST_WAY = 60  # steps after which a picture is replaced
DISTURBANCE = 0.1  # largest deviation of the noise that half of the fresh pictures get
TURN_WEIGHT = 0.5  # of the direction of the gradient
MOMENT_SIZE = 16  # pictures at a time for the projections


class Projections:
    """The strongest directions of a teacher's features at each tap: (N, C, H, W) -> (N, K, H, W), K the student's channels.

    Uncentred principal components, as Gram matrices are not centred either.
    """

    def __init__(self, teacher: Features, taps: Iterable[str], pictures: Tensor) -> None:
        self.teacher = teacher
        moments = dict.fromkeys(taps, 0.0)
        with torch.no_grad():
            for batch in torch.split(pictures, MOMENT_SIZE):  # type: ignore[no-untyped-call]
                for tap, seen in teacher(batch, moments).items():
                    flat = seen.float().transpose(0, 1).flatten(1)  # (C, N * H * W)
                    moments[tap] = moments[tap] + flat @ flat.T / flat.shape[1]
        self.maps: dict[str, Tensor] = {}
        self.spread: dict[str, float] = {}
        for tap, moment in moments.items():
            assert isinstance(moment, Tensor)
            _, vectors = torch.linalg.eigh(moment)
            width = CHANNELS["compact"][int(tap[4]) - 1]
            self.maps[tap] = vectors.flip(1)[:, :width].T.contiguous()  # (K, C)
        self._measure(pictures[:MOMENT_SIZE])

    def __call__(self, image: Tensor, taps: Iterable[str]) -> dict[str, Tensor]:
        """What the student should give, float32, with its gradient towards the picture."""
        wanted = list(taps)
        seen = self.teacher(image.to(next(self.teacher.parameters()).dtype), wanted)
        return {tap: F.conv2d(seen[tap].float(), self.maps[tap][:, :, None, None]) for tap in wanted}

    @torch.no_grad()
    def _measure(self, pictures: Tensor) -> None:
        for tap, values in self(pictures, self.maps).items():
            self.spread[tap] = _variance(values).item()


@dataclass
class Walker:
    """Pictures on their way to a style: (N, 3, S, S), the style picture (1, 3, H, W), steps gone, and by whose gradient."""

    pictures: Tensor
    style: Tensor
    steps: int
    by_student: bool


@torch.no_grad()
def prepare(student: Features, projections: Projections, pictures: Tensor) -> None:
    """First weights: activations keep their size through the layers, and each tap begins at the mean of what it should give."""
    for module in student.modules():
        if isinstance(module, nn.Conv2d) and module.bias is not None:
            nn.init.kaiming_normal_(module.weight)
            nn.init.zeros_(module.bias)
    targets = projections(pictures, projections.maps)
    for tap, seen in student(pictures).items():
        head = student.heads[tap]
        assert isinstance(head, nn.Conv2d) and head.bias is not None
        scale = (_variance(targets[tap]) / _variance(seen).clamp(min=1e-12)).sqrt()
        head.weight.mul_(scale)
        head.bias.copy_(targets[tap].mean((0, 2, 3)) - scale * seen.float().mean((0, 2, 3)))


def _variance(features: Tensor) -> Tensor:
    return features.float().var(dim=(0, 2, 3)).sum()


class Distillation:
    """Call :meth:`step` with fresh pictures and pictures on their way, as :class:`texnet.training.mixture.Mixture` gives."""

    def __init__(self, student: Features, projections: Projections, seed: int) -> None:
        self.student = student.requires_grad_(True)
        self.projections = projections
        self.optimizer = torch.optim.AdamW(student.parameters(), betas=(0.9, 0.99), weight_decay=1e-4)
        self.taps = tuple(projections.maps)
        self.seed = seed
        self.count = 0

    def step(self, fresh: Tensor, walker: Walker, learning_rate: float) -> dict[str, float]:
        """One update from fresh pictures, (N, 3, S, S), and pictures on their way, which take a step; the parts of the loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        fresh = disturb(fresh, random_for(self.seed, "disturb", self.count))
        feature_loss = self._feature_loss(self.student(fresh), self._targets(fresh))
        way_loss, turn_loss = self._walk(walker)
        self.optimizer.zero_grad(set_to_none=True)
        total = feature_loss + way_loss + TURN_WEIGHT * turn_loss
        torch.autograd.backward(total)
        torch.nn.utils.clip_grad_norm_(self.student.parameters(), 1.0)
        if not torch.isfinite(total):
            raise FloatingPointError(f"step {self.count + 1}: the loss is not finite")
        self.optimizer.step()
        self.count += 1
        return {"features": feature_loss.item(), "on the way": way_loss.item(), "gradient": turn_loss.item()}

    def _walk(self, walker: Walker) -> tuple[Tensor, Tensor]:
        """Feature loss on the walker's pictures, and how far the student's gradient turns from VGG's; they then step on."""
        pictures = walker.pictures.clone().requires_grad_()
        with torch.no_grad():
            wanted = {tap: covariance(seen) for tap, seen in self.projections(walker.style, STYLE_TAPS).items()}
            own = {tap: covariance(seen) for tap, seen in self.student(walker.style, STYLE_TAPS).items()}
        targets = self.projections(pictures, self.taps)
        (truth,) = torch.autograd.grad(_log_distance(targets, wanted), pictures)
        seen = self.student(pictures)
        (guess,) = torch.autograd.grad(_log_distance(seen, own), pictures, create_graph=True)
        turn = 1 - F.cosine_similarity(guess.flatten(1), truth.flatten(1)).mean()
        direction = (guess if walker.by_student else truth).detach()
        length = direction.square().mean((1, 2, 3), keepdim=True).sqrt().clamp(min=1e-20)
        walker.pictures = (walker.pictures - STEP * direction / length).clamp(0, 1)
        walker.steps += 1
        return self._feature_loss(seen, {tap: value.detach() for tap, value in targets.items()}), turn

    @torch.no_grad()
    def _targets(self, pictures: Tensor) -> dict[str, Tensor]:
        return self.projections(pictures, self.taps)

    def _feature_loss(self, seen: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> Tensor:
        """Unexplained variance, and the relative error of means and covariances, means over the taps."""
        losses = []
        for tap, target in targets.items():
            error = (seen[tap].float() - target).square().sum(1).mean() / self.projections.spread[tap]
            found, wanted = covariance(seen[tap]), covariance(target)
            for part in found:
                scale = wanted[part].square().flatten(1).sum(1).mean().clamp(min=1e-12)
                error = error + squared_distance(found[part], wanted[part]).mean() / scale
            losses.append(error)
        return torch.stack(losses).mean()


def disturb(pictures: Tensor, random: torch.Generator) -> Tensor:
    """Add noise of a strength of its own to each second picture, (N, 3, S, S)."""
    strength = torch.rand(len(pictures), 1, 1, 1, generator=random) * DISTURBANCE
    strength[::2] = 0
    noise = torch.randn(pictures.shape, generator=random)
    return (pictures + (strength * noise).to(pictures)).clamp(0, 1)


def explained(seen: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> Iterator[tuple[str, float]]:
    """The share of each tap's variance that the student explains: 1 = all."""
    for tap, target in targets.items():
        error = (seen[tap].float() - target).square().mean()
        yield tap, 1 - (error / target.var(dim=(0, 2, 3)).mean()).item()


def _log_distance(seen: Mapping[str, Tensor], wanted: Mapping[str, Mapping[str, Tensor]]) -> Tensor:
    """Sum of the logarithms of the layers' style distances: its gradient weighs every layer alike, whatever its scale."""
    total = torch.zeros((), device=next(iter(seen.values())).device)
    for tap, targets in wanted.items():
        for part, value in covariance(seen[tap]).items():
            total = total + (squared_distance(value, targets[part]) + 1e-20).log().sum()
    return total
