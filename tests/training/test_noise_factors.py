"""Which noise factors are trained."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from texnet.noise_factor import MAX_GRADIENT_WEIGHT, SAMPLING, draw_noise_factors, gradient_weight

MAX = 1.75


def draw(count: int, seed: int = 0) -> Tensor:
    return draw_noise_factors(count, MAX, torch.Generator().manual_seed(seed))


@pytest.fixture
def empty_memory_is_nan() -> Iterator[None]:
    """Whatever is allocated and not written is found as NaN."""
    torch.use_deterministic_algorithms(True)
    yield
    torch.use_deterministic_algorithms(False)


def test_the_shares_are_a_whole() -> None:
    assert sum(share for share, _, _ in SAMPLING) == pytest.approx(1)


@settings(deadline=None, max_examples=50)
@given(count=st.integers(1, 40), seed=st.integers(0, 2**31))
def test_every_factor_is_one_that_is_served(count: int, seed: int) -> None:
    factors = draw(count, seed)
    assert factors.shape == (count,)
    assert bool(((factors >= 0) & (factors <= MAX)).all())


@pytest.mark.slow
@pytest.mark.usefixtures("empty_memory_is_nan")
def test_no_factor_is_left_undrawn_where_rounding_reaches_the_end() -> None:
    assert [seed for seed in range(20) if draw(2**20, seed).isnan().any()] == []


def test_the_full_style_and_what_lies_beyond_have_their_shares() -> None:
    factors = draw(1000)
    full = sum(share for share, low, high in SAMPLING if low == high == 1)
    beyond = sum(share for share, low, high in SAMPLING if high > low == 1)
    assert (factors == 1).sum().item() == pytest.approx(1000 * full, abs=1)
    assert (factors > 1).sum().item() == pytest.approx(1000 * beyond, abs=1)


@pytest.mark.parametrize(("lowest", "highest"), [(0.0, 1.0), (1.0, MAX)])
def test_every_strength_occurs(lowest: float, highest: float) -> None:
    factors = draw(1000)
    between = factors[(factors > lowest) & (factors < highest)]
    assert torch.histc(between, bins=20, min=lowest, max=highest).min() > 0


@settings(deadline=None, max_examples=50)
@given(count=st.integers(4, 16), seed=st.integers(0, 2**31))
def test_every_batch_of_four_holds_weak_and_full_style(count: int, seed: int) -> None:
    factors = draw(count, seed)
    assert factors.min() < 1
    assert factors.max() >= 1


def test_strong_factors_fall_on_every_place_of_the_batch() -> None:
    assert {int(draw(4, seed).argmax()) for seed in range(40)} == {0, 1, 2, 3}


def test_the_same_generator_state_draws_the_same_factors() -> None:
    assert torch.equal(draw(8, seed=3), draw(8, seed=3))


def test_other_seeds_draw_other_factors() -> None:
    assert not torch.equal(draw(8, seed=3), draw(8, seed=4))


def test_from_full_style_on_a_picture_counts_once() -> None:
    assert gradient_weight(torch.tensor([1.0, 1.5, 2.0])).tolist() == [1.0, 1.0, 1.0]


def test_the_weaker_a_picture_is_painted_the_more_it_counts_up_to_a_limit() -> None:
    counts = gradient_weight(torch.linspace(0, 1, 101))
    assert bool((counts.diff() <= 0).all())
    assert counts[50].item() == pytest.approx(2)
    assert counts[0].item() == MAX_GRADIENT_WEIGHT
