"""Styles to pretrain on: variations of pictures, some at hand at a time, and the loss of a batch of them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from texnet.config import LossConfig
from texnet.drawing import save_texture
from texnet.losses import build_loss
from texnet.losses.descriptor import DESCRIPTOR_SIZE
from texnet.losses.styles_loss import StylesLoss
from texnet.pretraining.style_pool import STEPS_PER_STYLE, StylePool, augment_style, draw_style


@pytest.fixture(scope="module")
def styles(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("styles")
    return [save_texture(name, folder, size=64) for name in ("woodcut_waves", "marbled_paper")]


@pytest.fixture(scope="module")
def loss() -> StylesLoss:
    built = build_loss(LossConfig(features="compact"), kind=StylesLoss)
    assert isinstance(built, StylesLoss)
    return built


@pytest.fixture(scope="module")
def photos() -> Tensor:
    return torch.rand(4, 3, 48, 48, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def pool(styles: list[Path], loss: StylesLoss, photos: Tensor) -> StylePool:
    return StylePool(styles, loss, photos, seed=0, size=3)


def test_augmented_styles_differ_and_are_reproducible(styles: list[Path]) -> None:
    drawn = [augment_style(styles[0], number, seed=0) for number in range(12)]
    assert len({(tuple(style.shape), round(style.sum().item(), 2)) for style in drawn}) == 12
    assert torch.equal(augment_style(styles[0], 3, seed=0), drawn[3])
    assert all(style.min() >= 0 and style.max() <= 1 for style in drawn)


def test_some_styles_are_two_pictures_side_by_side(styles: list[Path]) -> None:
    single = [augment_style(path, number, 0).shape[3] for number in range(20) for path in styles]
    mixed = [draw_style(styles, number, seed=0).shape[3] for number in range(20)]
    assert max(mixed) > max(single)


def test_every_round_has_each_picture_once(styles: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Path] = []
    monkeypatch.setattr("texnet.pretraining.style_pool.MIXED", 0.0)
    monkeypatch.setattr("texnet.pretraining.style_pool.augment_style", lambda path, *_: seen.append(path) or torch.zeros(1))
    for number in range(6):
        draw_style(styles, number, seed=0)
    assert [set(seen[begin : begin + 2]) for begin in (0, 2, 4)] == [set(styles)] * 3


def test_the_oldest_style_is_replaced_every_few_steps(pool: StylePool) -> None:
    begin, later = pool.styles(0), pool.styles(STEPS_PER_STYLE)
    assert begin[1:] == later[:-1]
    assert pool.styles(STEPS_PER_STYLE + 1) == later


@pytest.mark.slow
def test_the_styles_of_a_step_are_the_same_whenever_it_comes(
    pool: StylePool, styles: list[Path], loss: StylesLoss, photos: Tensor
) -> None:
    resumed = StylePool(styles, loss, photos, seed=0, size=3)
    pool.styles(3)
    for ours, theirs in zip(pool.draw(9, 4), resumed.draw(9, 4), strict=True):
        assert torch.equal(ours.descriptor, theirs.descriptor)
        assert ours.target.term_norm == theirs.target.term_norm


def test_a_descriptor_is_of_its_picture_alone(pool: StylePool) -> None:
    first, second, _ = pool.styles(0)
    assert first.descriptor.shape == (1, DESCRIPTOR_SIZE)
    assert not torch.allclose(first.descriptor, second.descriptor)


def test_a_batch_of_styles_has_the_mean_of_the_losses_of_each(pool: StylePool, loss: StylesLoss, photos: Tensor) -> None:
    drawn = pool.styles(0)[:2]
    one = torch.ones(2)
    loss.targets = [style.target for style in drawn]
    output, content = photos[:2], photos[2:]
    together = loss(output, content, one, one)
    alone = []
    for n, style in enumerate(drawn):
        loss.targets = [style.target]
        alone.append(loss(output[n : n + 1], content[n : n + 1], one[:1], one[:1]))
    for name, value in together.items():
        assert value.item() == pytest.approx((alone[0][name] + alone[1][name]).item() / 2, rel=1e-4), name


def test_the_style_loss_of_a_photo_is_the_style_weight_for_every_style(
    pool: StylePool, loss: StylesLoss, photos: Tensor
) -> None:
    one = torch.ones(len(photos))
    for style in pool.styles(0):
        loss.targets = [style.target] * len(photos)
        terms = loss(photos, photos, one, one)
        total = sum(term.item() for name, term in terms.items() if name.startswith("style"))
        assert total == pytest.approx(loss.style_weight, rel=1e-4)
