"""Pretraining on many styles in turn."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.training.helpers import build
from texnet.config import TrainConfig
from texnet.pretraining.multi_style import StyleCycle, StyleTarget, augment_style, build_style_targets
from texnet.training import Training
from texnet.training.previews import choose_photos


@pytest.fixture
def training(tiny_config: TrainConfig) -> Training:
    return build(tiny_config)


def style_targets_of(training: Training, style_path: Path, count: int) -> list[StyleTarget]:
    photos = choose_photos(training.data.photos, 4, 0, "scales")
    return build_style_targets([style_path], count, training.trainer.loss, photos, seed=0)


def weights_of(training: Training) -> Tensor:
    return torch.cat([p.detach().flatten() for p in training.trainer.generator.parameters()])


def step(training: Training, cycle: StyleCycle) -> None:
    training.trainer.train_on(training.data.preview_photos)
    cycle.after_step(training.trainer)


def test_augmented_styles_differ_and_are_reproducible(style_path: Path) -> None:
    styles = [augment_style(style_path, number, seed=0) for number in range(12)]
    assert len({(tuple(style.shape), round(style.sum().item(), 2)) for style in styles}) == 12
    assert torch.equal(augment_style(style_path, 3, seed=0), styles[3])
    assert all(style.min() >= 0 and style.max() <= 1 for style in styles)


def test_the_style_loss_of_a_photo_is_the_style_weight_for_every_style(training: Training, style_path: Path) -> None:
    trainer = training.trainer
    photos = choose_photos(training.data.photos, 4, 0, "scales")
    one = torch.ones(len(photos))
    for target in build_style_targets([style_path], 3, trainer.loss, photos, seed=0):
        trainer.loss.style_targets, trainer.loss.feature_norm = target.targets, target.feature_norm
        trainer.loss.set_term_norm(target.term_norm)
        terms = trainer.loss(photos, photos, one, one)
        style = sum(term.item() for name, term in terms.items() if name.startswith("style"))
        assert style == pytest.approx(trainer.loss.style_weight, rel=1e-4)


def test_the_weights_are_kept_when_the_style_changes(training: Training, style_path: Path) -> None:
    cycle = StyleCycle(training.trainer, style_targets_of(training, style_path, 2), steps_per_style=2, seed=0)
    first = training.trainer.loss.style_targets
    training.trainer.train_on(training.data.preview_photos)
    cycle.after_step(training.trainer)
    assert training.trainer.loss.style_targets is first
    training.trainer.train_on(training.data.preview_photos)
    weights = weights_of(training)
    cycle.after_step(training.trainer)
    assert training.trainer.loss.style_targets is not first
    assert torch.equal(weights_of(training), weights)


def test_every_round_goes_through_all_styles(training: Training, style_path: Path) -> None:
    style_targets = style_targets_of(training, style_path, 3)
    done: list[None] = []
    seen: list[int] = []
    cycle = StyleCycle(training.trainer, style_targets, steps_per_style=1, seed=0, on_style=lambda: done.append(None))
    for _ in range(6):
        seen += [i for i, target in enumerate(style_targets) if target.targets is training.trainer.loss.style_targets]
        step(training, cycle)
    assert sorted(seen[:3]) == sorted(seen[3:]) == [0, 1, 2]
    assert len(done) == 6
