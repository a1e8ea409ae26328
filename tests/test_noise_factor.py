"""What a noise factor asks for."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from texnet.noise_factor import strength_weights

FACTORS = st.floats(0, 10)


def shares(factor: float) -> tuple[float, float]:
    style, content = strength_weights(torch.tensor([factor], dtype=torch.float64))
    return style.item(), content.item()


def test_factor_one_asks_for_the_plain_sum() -> None:
    style, content = strength_weights(torch.ones(3))
    assert torch.equal(style, torch.ones(3))
    assert torch.equal(content, torch.ones(3))


def test_factor_zero_asks_for_no_style() -> None:
    assert shares(0.0)[0] == 0.0


@settings(deadline=None, max_examples=50)
@given(factor=FACTORS)
def test_the_shares_are_bounded(factor: float) -> None:
    style, content = shares(factor)
    assert 0 <= style <= 2
    assert 0 <= content <= 2


@settings(deadline=None, max_examples=50)
@given(factor=FACTORS)
def test_the_shares_always_sum_to_two(factor: float) -> None:
    assert abs(sum(shares(factor)) - 2) < 1e-9


def test_style_against_content_rises_with_every_factor() -> None:
    style, content = strength_weights(torch.linspace(0, 3, 301, dtype=torch.float64))
    assert bool(((style / content).diff() > 0).all())


def test_the_first_half_of_the_dial_asks_for_far_less_than_half_of_the_style() -> None:
    style, content = shares(0.5)
    assert style / content < 0.25


def test_beyond_one_the_ratio_goes_on_evenly_and_without_a_bend() -> None:
    style, content = strength_weights(torch.tensor([0.999, 1.0, 1.001, 2.0, 3.0], dtype=torch.float64))
    ratio = style / content
    assert ((ratio[1] - ratio[0]) / (ratio[2] - ratio[1])).item() == pytest.approx(1, abs=0.01)
    assert (ratio[4] - ratio[3]).item() == pytest.approx((ratio[3] - ratio[1]).item())


def test_each_picture_of_a_batch_gets_shares_of_its_own() -> None:
    style, _ = strength_weights(torch.tensor([0.0, 1.0, 2.0]))
    assert style[0] < style[1] < style[2]
