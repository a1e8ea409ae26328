"""Optimizing the pixels."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from texnet.config import TrainConfig
from texnet.images import load_style
from texnet.losses import PerceptualLoss, build_loss
from texnet.optimize import OPTIMIZERS, coarse_to_fine, optimize


@pytest.fixture
def photo() -> Tensor:
    return torch.rand(1, 3, 32, 40, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def loss(tiny_config: TrainConfig, photo: Tensor) -> PerceptualLoss:
    loss = build_loss(replace(tiny_config.loss, style_weight=18.0))
    loss.set_style(load_style(tiny_config.loss.texture, 0))
    loss.measure_term_norm(torch.cat([photo, photo.flip(1)]))
    return loss


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_lowers_the_loss_of_the_photo_by_half(loss: PerceptualLoss, photo: Tensor, name: str) -> None:
    steps = list(optimize(loss, photo, photo, steps=40, optimizer=name))
    assert [step.number for step in steps] == list(range(41))
    assert torch.equal(steps[0].image, photo)
    assert steps[-1].loss < 0.5 * steps[0].loss


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_order_of_a_picture_in_memory_plays_no_part(loss: PerceptualLoss, photo: Tensor, name: str) -> None:
    *_, plain = optimize(loss, photo, photo, steps=3, optimizer=name)
    *_, last = optimize(loss, photo, photo.contiguous(memory_format=torch.channels_last), steps=3, optimizer=name)
    torch.testing.assert_close(last.image, plain.image)


def test_the_finished_picture_is_a_picture_and_its_terms_are_its_own(loss: PerceptualLoss, photo: Tensor) -> None:
    *_, last = optimize(loss, photo, photo, steps=10)
    assert last.image.shape == photo.shape
    assert last.image.min() >= 0 and last.image.max() <= 1
    one = torch.ones(1)
    with torch.no_grad():
        again = loss(last.image, photo, one, one)
    assert {name: term.item() for name, term in again.items()} == pytest.approx(last.terms, rel=1e-5)


def test_no_steps_give_the_start_back(loss: PerceptualLoss, photo: Tensor) -> None:
    (only,) = optimize(loss, photo, photo, steps=0)
    assert torch.equal(only.image, photo)


def test_coarse_to_fine_ends_at_full_size_after_all_steps(loss: PerceptualLoss, photo: Tensor) -> None:
    steps = list(coarse_to_fine(loss, photo, photo, steps=31, num_scales=2))
    assert [step.number for step in steps] == list(range(32))
    assert steps[0].image.shape == (1, 3, 16, 20)
    assert steps[-1].image.shape == photo.shape


def test_optimizing_leaves_the_start_as_it_was(loss: PerceptualLoss, photo: Tensor) -> None:
    before = photo.clone()
    list(optimize(loss, photo, photo, steps=3))
    assert torch.equal(photo, before)
