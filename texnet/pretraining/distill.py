"""Distill VGG-19 into the compact network, for machines where VGG's weights are not at hand.

Matching features on photos is not enough: a generator trained with the student's loss finds what the student does not see.
So the student also learns on stylized photos and on images that are being optimized by its own gradient or by VGG's, and
besides the features their statistics are matched. All features are compared by their square roots, so that no peaks rule.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor

from texnet.checkpoint import Checkpoint
from texnet.config import STYLE_TAPS, DataConfig, DistillConfig
from texnet.data import CropLoader, build_photos
from texnet.devices import autocast, choose_precision
from texnet.errors import NonFiniteError
from texnet.losses.features import Features
from texnet.losses.style import covariance, squared_distance
from texnet.ops import square_root
from texnet.picture_files import expand_paths
from texnet.pretraining.channel_selection import Teacher, build_pair, initialize_student, save_student
from texnet.pretraining.distill_data import DistillationData, OptimizedBatch
from texnet.rng import make_generator
from texnet.training.schedule import Schedule

STYLE_TAP_WEIGHT = 3.0  # weight of STYLE_TAPS in the loss, relative to the other taps
STEP_SIZE = 0.02  # root mean square change of a pixel, which is in [0, 1], per step of an optimized image
CHECK_EVERY = 100  # steps
CHECK_IMAGES = 16
MAX_NOISE = 0.1  # largest standard deviation of the noise that every second fresh image gets
WARMUP_STEPS = 100

OnCheck = Callable[[int, float, dict[str, float]], object]  # gets the step, the seconds so far, and values by name


def distill_vgg(
    config: DistillConfig,
    data_config: DataConfig,
    device: torch.device,
    *,
    on_check: OnCheck,
    on_unreadable: Callable[[str], None],
    log: Callable[[str], None] = lambda message: None,
) -> None:
    """Train the compact network and write it to ``config.output``, at every check and at the end; ``log`` gets what is read."""
    style_paths = [path for path, _ in expand_paths(config.textures)]
    photos, _ = build_photos(data_config, seed=config.seed, device=device, on_unreadable=on_unreadable, log=log)
    precision = choose_precision("auto", device)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)  # for the student's first weights
        student, vgg = build_pair(config.taps, config.vgg_weights, device, precision)
    generators = [Checkpoint.load(path).generator() for path in config.ckpt]
    batch_size, num_workers = data_config.batch_size, data_config.num_workers
    with CropLoader(photos, batch_size=batch_size, num_workers=num_workers, seed=config.seed) as loader:
        size = data_config.image_size
        data = DistillationData(loader, style_paths, generators, size=size, device=device, seed=config.seed)
        sample = torch.cat([data.fresh(-number) for number in range(1, config.sample_batches + 1)])
        teacher = initialize_student(student, vgg, sample, config.init)
        schedule = Schedule(config.max_steps, 60 * config.max_minutes, config.learning_rate, WARMUP_STEPS, 0, False)

        def save_and_report(step: int, seconds: float, values: dict[str, float]) -> None:
            save_student(student, teacher, Path(config.output))
            on_check(step, seconds, values)

        Distillation(student, teacher, config.seed, precision).fit(data, sample[:CHECK_IMAGES], schedule, save_and_report)


class Distillation:
    """A student, its teacher and its optimizer; ``precision`` is that of the convolutions."""

    def __init__(self, student: Features, teacher: Teacher, seed: int, precision: torch.dtype = torch.float32) -> None:
        self.student = student.requires_grad_(True)
        self.teacher = teacher
        self.optimizer = torch.optim.AdamW(student.parameters(), betas=(0.9, 0.99), weight_decay=1e-4)
        self.taps = student.taps
        self.seed = seed
        self.precision = precision
        self.step_count = 0

    def fit(self, data: DistillationData, sample: Tensor, schedule: Schedule, on_check: OnCheck) -> None:
        """Train until the schedule ends.

        Every CHECK_EVERY steps and at the end ``on_check`` gets the terms of the loss and the explained variance at each tap
        on the sample, (N, 3, S, S).
        """
        start, progress = time.perf_counter(), 0.0
        while progress < 1:
            learning_rate = schedule.learning_rate_at(self.step_count, progress)
            with autocast(self.precision, data.device):
                fresh, optimized = data.fresh(self.step_count), data.optimized(self.step_count)
            terms = self.step(fresh, optimized, learning_rate)
            seconds = time.perf_counter() - start
            progress = schedule.progress(self.step_count, seconds)
            if self.step_count % CHECK_EVERY == 0 or progress >= 1:
                with torch.no_grad():
                    explained = explained_variance(self.student(sample), self.teacher(sample, self.taps))
                on_check(self.step_count, seconds, {**{name: term.item() for name, term in terms.items()}, **explained})

    def step(self, fresh: Tensor, optimized: OptimizedBatch, learning_rate: float) -> dict[str, Tensor]:
        """One update from fresh images (N, 3, S, S) and optimized ones, which also take a step; the terms of the loss.

        NonFiniteError names the term that is not finite; the weights are then those before the step.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        fresh = add_noise(fresh, make_generator(self.seed, "disturb", self.step_count))
        with autocast(self.precision, fresh.device):
            with torch.no_grad():
                targets = self.teacher(fresh, self.taps)
            terms = {"fresh": self._loss(self.student(fresh), targets), "optimized": self._optimize(optimized)}
        self.optimizer.zero_grad(set_to_none=True)
        total = torch.stack(list(terms.values())).sum()
        torch.autograd.backward(total)
        norm = torch.nn.utils.clip_grad_norm_(self.student.parameters(), 1.0)
        if not torch.isfinite(norm + total):
            broken = [name for name, term in terms.items() if not torch.isfinite(term)] or ["the gradient"]
            raise NonFiniteError(f"step {self.step_count + 1}: {', '.join(broken)} is not finite")
        self.optimizer.step()
        self.step_count += 1
        return {name: term.detach() for name, term in terms.items()}

    def _optimize(self, batch: OptimizedBatch) -> Tensor:
        """The student's loss on the images of a batch, which are then moved one step towards the style, in place."""
        images = batch.images.clone().requires_grad_()
        targets, features = self.teacher(images, self.taps), self.student(images)
        network, own_features = (self.student, features) if batch.by_student else (self.teacher, targets)
        with torch.no_grad():
            style_statistics = _statistics(network(batch.style, STYLE_TAPS))
        distance = _log_distance(own_features, style_statistics)
        (gradient,) = torch.autograd.grad(distance, images, retain_graph=batch.by_student)
        size = gradient.square().mean((1, 2, 3), keepdim=True).sqrt().clamp(min=1e-20)  # (N, 1, 1, 1)
        batch.images = (batch.images - STEP_SIZE * gradient / size).clamp(0, 1)
        batch.steps += 1
        return self._loss(features, {tap: target.detach() for tap, target in targets.items()})

    def _loss(self, features: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> Tensor:
        """Unexplained variance plus the relative errors of means and covariances, averaged over the taps."""
        total = torch.zeros((), device=next(iter(features.values())).device)
        weights = {tap: STYLE_TAP_WEIGHT if tap in STYLE_TAPS else 1.0 for tap in targets}
        for tap, weight in weights.items():
            roots, target_roots = _root(features[tap]), _root(targets[tap])
            error = (roots - target_roots).square().mean() / _variance(target_roots)
            statistics, target_statistics = covariance(roots), covariance(target_roots)
            for name, target in target_statistics.items():
                scale = target.square().flatten(1).sum(1).mean().clamp(min=1e-12)
                error = error + squared_distance(statistics[name], target).mean() / scale
            total = total + weight / sum(weights.values()) * error
        return total


def add_noise(images: Tensor, random: torch.Generator) -> Tensor:
    """Add Gaussian noise of a random strength to every second image: (N, 3, S, S) in [0, 1]."""
    strength = torch.rand(len(images), 1, 1, 1, generator=random) * MAX_NOISE
    strength[::2] = 0
    noise = torch.randn(images.shape, generator=random)
    return (images + (strength * noise).to(images)).clamp(0, 1)


def explained_variance(features: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> dict[str, float]:
    """The fraction of the variance of the targets' square roots that the features explain, by tap: 1 = all."""
    explained = {}
    for tap, target in targets.items():
        error = (_root(features[tap]) - _root(target)).square().mean()
        explained[tap] = 1 - (error / _variance(_root(target))).item()
    return explained


def _log_distance(features: Mapping[str, Tensor], style: Mapping[str, Mapping[str, Tensor]]) -> Tensor:
    """Sum of the logarithms of the style distances: its gradient weights every layer alike, whatever its scale."""
    total = torch.zeros((), device=next(iter(features.values())).device)
    for tap, statistics in _statistics(features).items():
        for name, value in statistics.items():
            total = total + (squared_distance(value, style[tap][name]) + 1e-20).log().sum()
    return total


def _statistics(features: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    return {tap: covariance(_root(features[tap])) for tap in STYLE_TAPS if tap in features}


def _root(features: Tensor) -> Tensor:
    return square_root(features.float(), 1.0)


def _variance(features: Tensor) -> Tensor:
    """The variance of each channel, averaged: (N, C, H, W) -> ()."""
    return features.var(dim=(0, 2, 3)).mean().clamp(min=1e-12)
