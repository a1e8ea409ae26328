"""Conditional instance norm, and the noise factor that conditions it."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from texnet.generators.conditioning import EPSILON, ConditionalInstanceNorm, NoiseFactorConditioning, fix_statistics
from texnet.noise_factor import blend_alpha


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


CHANNELS = 5


def make_norm() -> ConditionalInstanceNorm:
    norm = ConditionalInstanceNorm(CHANNELS)
    torch.nn.init.uniform_(norm.gamma, 0.5, 1.5)
    torch.nn.init.normal_(norm.beta)
    return norm


def draw_input(dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    """Feature maps with a spread and an offset of their own per channel, and a modulation."""
    x = torch.randn(2, CHANNELS, 7, 9) * torch.linspace(0.5, 3, CHANNELS)[:, None, None] + 1
    return x.to(dtype).requires_grad_(), (0.3 * torch.randn(2, 2 * CHANNELS)).requires_grad_()


def reference(norm: ConditionalInstanceNorm, x: Tensor, modulation: Tensor) -> Tensor:
    scale, shift = (part[:, :, None, None] for part in modulation.chunk(2, dim=1))
    gamma, beta = norm.gamma[:, None, None], norm.beta[:, None, None]
    return F.instance_norm(x.float(), eps=EPSILON) * gamma * (1 + scale) + beta + shift


def gradients(output: Tensor, norm: ConditionalInstanceNorm, x: Tensor, modulation: Tensor) -> tuple[Tensor, ...]:
    weights = torch.randn(output.shape, generator=torch.Generator().manual_seed(3)).to(output.dtype)
    return torch.autograd.grad((output * weights).sum(), (x, modulation, norm.gamma, norm.beta))


def test_it_is_instance_norm_with_the_scale_and_shift_of_each_picture() -> None:
    norm, (x, modulation) = make_norm(), draw_input()
    torch.testing.assert_close(norm(x, modulation), reference(norm, x, modulation))


def test_without_modulation_a_fresh_norm_is_plain_instance_norm() -> None:
    x, modulation = draw_input()
    expected = F.instance_norm(x, eps=EPSILON)
    torch.testing.assert_close(ConditionalInstanceNorm(CHANNELS)(x, torch.zeros_like(modulation)), expected)


def test_its_gradients_are_those_of_plain_autograd() -> None:
    norm, (x, modulation) = make_norm(), draw_input()
    found = gradients(norm(x, modulation), norm, x, modulation)
    torch.testing.assert_close(found, gradients(reference(norm, x, modulation), norm, x, modulation), rtol=1e-4, atol=1e-5)


def test_its_bfloat16_gradients_are_near_those_of_float32() -> None:
    norm, (x, modulation) = make_norm(), draw_input(torch.bfloat16)
    found = gradients(norm(x, modulation), norm, x, modulation)
    expected = gradients(reference(norm, x, modulation), norm, x, modulation)
    errors = [((a.float() - b).norm() / b.norm()).item() for a, b in zip(found, expected, strict=True)]
    assert max(errors) < 0.02


def test_channels_last_gives_the_same_numbers() -> None:
    norm, (x, modulation) = make_norm(), draw_input()
    turned = x.detach().contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(norm(turned, modulation), norm(x, modulation))


def test_a_flat_channel_becomes_its_shift() -> None:
    modulation = torch.zeros(1, 2 * CHANNELS)
    modulation[:, CHANNELS:] = 0.25
    flat = ConditionalInstanceNorm(CHANNELS)(torch.full((1, CHANNELS, 6, 6), 3.0), modulation)
    torch.testing.assert_close(flat, torch.full((1, CHANNELS, 6, 6), 0.25))


def test_fixed_statistics_are_those_of_all_pictures_of_the_run_and_hold_for_later_ones() -> None:
    norm, (x, modulation) = make_norm(), draw_input()
    fix_statistics(norm, lambda: norm(x, modulation))
    pooled = (x - x.mean((0, 2, 3), keepdim=True)) / (x.var((0, 2, 3), keepdim=True, correction=0) + EPSILON).sqrt()
    scale, shift = (part[:, :, None, None] for part in modulation.chunk(2, dim=1))
    expected = pooled * norm.gamma[:, None, None] * (1 + scale) + norm.beta[:, None, None] + shift
    torch.testing.assert_close(norm(x, modulation), expected)
    torch.testing.assert_close(norm(x[..., 2:5], modulation), expected[..., 2:5])


def test_statistics_fixed_on_a_single_picture_paint_it_as_before() -> None:
    norm, (x, modulation) = make_norm(), draw_input()
    before = norm(x[:1], modulation[:1])
    fix_statistics(norm, lambda: norm(x[:1], modulation[:1]))
    torch.testing.assert_close(norm(x[:1], modulation[:1]), before)
