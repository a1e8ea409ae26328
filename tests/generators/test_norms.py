"""Conditional instance norm against torch's own instance norm."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.generators.norms import EPSILON, ConditionalInstanceNorm, fix_statistics

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
