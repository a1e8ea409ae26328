"""Learning a base: many styles in turn."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.training.helpers import build
from texnet.config import TrainConfig
from texnet.pretraining.multi_style import StyleCycle, augment_style, build_style_targets
from texnet.training import Training
from texnet.training.previews import choose_photos


@pytest.fixture
def training(tiny_config: TrainConfig) -> Training:
    return build(tiny_config)


def tasks_of(training: Training, style_path: Path, count: int) -> list[object]:
    photos = choose_photos(training.data.photos, 4, 0, "scales")
    return build_style_targets([style_path], count, training.trainer.loss, photos, seed=0)  # type: ignore[return-value]


def weights_of(training: Training) -> Tensor:
    return torch.cat([p.detach().flatten() for p in training.trainer.generator.parameters()])


def step(training: Training, turns: StyleCycle) -> None:
    photos = training.data.preview_photos
    training.trainer.train_on(photos)
    turns.after_step(training.trainer)


def test_variations_of_a_style_differ_and_come_again(style_path: Path) -> None:
    styles = [augment_style(style_path, number, seed=0) for number in range(12)]
    assert len({(tuple(style.shape), round(style.sum().item(), 2)) for style in styles}) == 12
    assert torch.equal(augment_style(style_path, 3, seed=0), styles[3])
    assert all(style.min() >= 0 and style.max() <= 1 for style in styles)


def test_every_task_counts_an_untouched_photo_as_one(training: Training, style_path: Path) -> None:
    trainer = training.trainer
    photos = choose_photos(training.data.photos, 4, 0, "scales")
    one = torch.ones(len(photos))
    for target in build_style_targets([style_path], 3, trainer.loss, photos, seed=0):
        trainer.loss.style_targets, trainer.loss.feature_norm = target.targets, target.feature_norm
        trainer.loss.set_term_norm(target.term_norm)
        terms = trainer.loss(photos, photos, one, one)
        style = sum(term.item() for name, term in terms.items() if name.startswith("style"))
        assert style == pytest.approx(trainer.loss.style_weight, rel=1e-4)


def test_a_task_begins_where_the_one_before_ended(training: Training, style_path: Path) -> None:
    turns = StyleCycle(training.trainer, tasks_of(training, style_path, 2), steps_per_style=2, seed=0)  # type: ignore[arg-type]
    begun = training.trainer.loss.style_targets
    training.trainer.train_on(training.data.preview_photos)
    turns.after_step(training.trainer)
    assert training.trainer.loss.style_targets is begun
    training.trainer.train_on(training.data.preview_photos)
    learned = weights_of(training)
    turns.after_step(training.trainer)
    assert training.trainer.loss.style_targets is not begun
    assert torch.equal(weights_of(training), learned)


def test_every_round_goes_through_all_styles(training: Training, style_path: Path) -> None:
    style_targets = tasks_of(training, style_path, 3)
    done: list[None] = []
    seen: list[int] = []
    turns = StyleCycle(training.trainer, style_targets, steps_per_style=1, seed=0, on_style=lambda: done.append(None))  # type: ignore[arg-type]
    for _ in range(6):
        seen += [i for i, target in enumerate(style_targets) if target.targets is training.trainer.loss.style_targets]  # type: ignore[attr-defined]
        step(training, turns)
    assert sorted(seen[:3]) == sorted(seen[3:]) == [0, 1, 2]
    assert len(done) == 6
