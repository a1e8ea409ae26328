"""The instance norm kernel against torch's own instance norm."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from tests.ops.helpers import assert_computes, every_dtype
from texnet.ops import block_sums, instance_norm, merge_sums, scale_and_shift
from texnet.ops.instance_norm import normalize, normalize_on_cpu

EPSILON = 1e-5
CHANNELS = 5


def draw_input() -> tuple[Tensor, Tensor, Tensor]:
    """Feature maps with a spread and an offset of their own per channel, a scale and a shift per picture."""
    x = torch.randn(2, CHANNELS, 7, 9) * torch.linspace(0.5, 3, CHANNELS)[:, None, None] + 1
    return x, 1 + 0.3 * torch.randn(2, CHANNELS), torch.randn(2, CHANNELS)


def formula(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    return F.instance_norm(x, eps=EPSILON) * scale[:, :, None, None] + shift[:, :, None, None]


@every_dtype
@pytest.mark.parametrize("order", [torch.contiguous_format, torch.channels_last])
def test_it_is_the_plain_formula_forward_and_backward(dtype: torch.dtype, order: torch.memory_format) -> None:
    x, scale, shift = draw_input()
    inputs = (x.contiguous(memory_format=order), scale, shift)
    assert_computes(lambda *args: instance_norm(*args, EPSILON), formula, inputs, dtype)


@every_dtype
def test_scale_and_shift_is_the_plain_formula_forward_and_backward(dtype: torch.dtype) -> None:
    assert_computes(scale_and_shift, lambda x, a, b: x * a[:, :, None, None] + b[:, :, None, None], draw_input(), dtype)


def test_channels_last_is_kept_in_features_and_gradient() -> None:
    x, scale, shift = draw_input()
    x = x.contiguous(memory_format=torch.channels_last).requires_grad_()
    output = instance_norm(x, scale, shift, EPSILON)
    (gradient,) = torch.autograd.grad(output, x, torch.randn_like(output))
    assert output.is_contiguous(memory_format=torch.channels_last)
    assert gradient.is_contiguous(memory_format=torch.channels_last)


def test_bfloat16_features_with_a_large_mean_are_normalized_with_float32_statistics() -> None:
    x = (64 + torch.randn(1, CHANNELS, 40, 40)).to(torch.bfloat16)
    normal = instance_norm(x, torch.ones(1, CHANNELS), torch.zeros(1, CHANNELS), EPSILON)
    assert normal.dtype == torch.bfloat16
    torch.testing.assert_close(normal.float(), F.instance_norm(x.float(), eps=EPSILON), rtol=0.01, atol=0.01)


@every_dtype
@pytest.mark.parametrize("order", [torch.contiguous_format, torch.channels_last])
def test_the_path_for_any_device_gives_what_that_for_the_cpu_gives(dtype: torch.dtype, order: torch.memory_format) -> None:
    x = (draw_input()[0] + 30).to(dtype).contiguous(memory_format=order)
    (normal, inverse_deviation), expected = normalize(x, EPSILON), normalize_on_cpu(x, EPSILON)
    assert normal.dtype == dtype
    assert normal.stride() == x.stride()
    torch.testing.assert_close(normal, expected[0], rtol=0.01, atol=0.02)
    torch.testing.assert_close(inverse_deviation, expected[1].float(), rtol=0.01, atol=0.0)


@pytest.mark.parametrize("size", [(70, 50), (64, 64), (3, 129)])
def test_statistics_merged_from_blocks_are_those_of_the_whole(size: tuple[int, int]) -> None:
    x = (5 + 3 * torch.randn(1, 6, *size) * torch.linspace(0.1, 2, size[1])).contiguous(memory_format=torch.channels_last)
    variance, mean = merge_sums(block_sums(x, 32), size[0] * size[1])
    expected_variance, expected_mean = torch.var_mean(x.double(), (0, 2, 3), correction=0)
    torch.testing.assert_close(variance.double(), expected_variance, rtol=3e-7, atol=0)
    torch.testing.assert_close(mean.double(), expected_mean, rtol=3e-7, atol=0)


def test_sums_of_a_block_do_not_depend_on_what_is_around_it() -> None:
    x = torch.randn(1, 5, 96, 96).contiguous(memory_format=torch.channels_last)
    alone = x[..., 32:64, 64:].contiguous(memory_format=torch.channels_last)
    assert torch.equal(block_sums(x, 32)[1, 2], block_sums(alone, 32)[0, 0])


def test_merged_statistics_normalize_without_gradients_only() -> None:
    x, scale, shift = torch.randn(2, 4, 40, 30), torch.rand(2, 4), torch.rand(2, 4)
    plain = instance_norm(x, scale, shift, 1e-5)
    with torch.no_grad():
        torch.testing.assert_close(instance_norm(x, scale, shift, 1e-5, block=16), plain, rtol=1e-5, atol=1e-5)
    assert torch.equal(instance_norm(x, scale, shift, 1e-5, block=16), plain)
