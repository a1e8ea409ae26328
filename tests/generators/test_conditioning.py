"""The noise factor inside a generator."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from texnet.generators.conditioning import NoiseFactorConditioning
from texnet.strength import blend_alpha


def share(factor: float) -> float:
    return blend_alpha(torch.tensor([factor])).item()


def test_nothing_is_painted_at_factor_zero() -> None:
    assert share(0.0) == 0.0


@pytest.mark.parametrize("factor", [1.0, 2.0, 10.0])
def test_nothing_of_the_photo_is_left_from_full_style_on(factor: float) -> None:
    assert share(factor) == 1.0


@settings(deadline=None, max_examples=50)
@given(first=st.floats(0, 2, width=32), second=st.floats(0, 2, width=32))
def test_the_painted_share_never_falls_as_the_factor_rises(first: float, second: float) -> None:
    assert share(min(first, second)) <= share(max(first, second))


def test_the_painted_share_rises_up_to_full_style() -> None:
    assert bool((blend_alpha(torch.linspace(0, 1, 50)).diff() > 0).all())


def test_the_painted_share_sets_out_and_arrives_without_a_bend() -> None:
    begin, middle, end = (blend_alpha(torch.tensor(points)).diff().item() for points in ([0, 0.01], [0.5, 0.51], [0.99, 1.0]))
    assert begin < 0.01 * 0.1
    assert end < 0.01 * 0.1
    assert middle > 0.01


def test_the_painted_share_has_no_jump() -> None:
    assert blend_alpha(torch.linspace(0, 2, 1001)).diff().max() < 0.005


def test_conditioning_changes_no_norm_before_training() -> None:
    modulations = NoiseFactorConditioning([4, 6])(torch.tensor([0.0, 0.3, 2.0]))
    assert all(bool((modulation == 0).all()) for modulation in modulations)


def test_each_norm_gets_a_scale_and_a_shift_for_each_channel_of_each_picture() -> None:
    modulations = NoiseFactorConditioning([4, 6, 1])(torch.tensor([0.0, 1.0]))
    assert [tuple(modulation.shape) for modulation in modulations] == [(2, 8), (2, 12), (2, 2)]


def trained_conditioning() -> NoiseFactorConditioning:
    conditioning = NoiseFactorConditioning([4])
    torch.nn.init.normal_(conditioning.last.weight, std=0.1)
    return conditioning


def test_trained_conditioning_tells_close_factors_apart() -> None:
    (modulation,) = trained_conditioning()(torch.tensor([0.5, 0.501]))
    assert not torch.equal(modulation[0], modulation[1])


def test_autocast_rounds_no_factor() -> None:
    conditioning, factors = trained_conditioning(), torch.tensor([0.123, 1.001])
    (plain,) = conditioning(factors)
    with torch.autocast("cpu", torch.bfloat16):
        (under_autocast,) = conditioning(factors)
    assert torch.equal(under_autocast, plain)
