"""The kernel of Gram matrices against a plain matrix product."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from tests.ops.helpers import assert_computes, every_dtype
from texnet.ops import channel_products


@pytest.fixture(autouse=True)
def keep_matmul_precision() -> Iterator[None]:
    before = torch.get_float32_matmul_precision()
    yield
    torch.set_float32_matmul_precision(before)


def draw_features(dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(2, 8, 4096).relu().to(dtype)


@every_dtype
def test_it_is_the_plain_formula_forward_and_backward(dtype: torch.dtype) -> None:
    assert_computes(channel_products, lambda x: (x @ x.mT, x.sum(2)), (torch.randn(2, 4, 30),), dtype)


@every_dtype
def test_sums_are_float32(dtype: torch.dtype) -> None:
    features = draw_features(dtype)
    wide = features.double()
    for found, expected in zip(channel_products(features), (wide @ wide.mT, wide.sum(2)), strict=True):
        assert found.dtype == torch.float32
        torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-3)


def test_sums_are_float32_whatever_autocast_says() -> None:
    features = draw_features()
    expected = channel_products(features)
    with torch.autocast("cpu", torch.bfloat16):
        found = channel_products(features)
    torch.testing.assert_close(found, expected, rtol=0, atol=0)


def test_a_coarser_product_that_the_process_allows_is_not_used_for_float32_features() -> None:
    features = draw_features()
    expected = channel_products(features)
    torch.set_float32_matmul_precision("medium")
    torch.testing.assert_close(channel_products(features), expected, rtol=0, atol=0)


@every_dtype
@pytest.mark.parametrize("precision", ["highest", "high", "medium"])
def test_the_precision_of_other_products_is_left_as_it_was(dtype: torch.dtype, precision: str) -> None:
    torch.set_float32_matmul_precision(precision)
    channel_products(draw_features(dtype))
    assert torch.get_float32_matmul_precision() == precision


def test_the_gradient_of_channels_last_features_is_channels_last() -> None:
    features = torch.randn(2, 4, 5, 6).contiguous(memory_format=torch.channels_last).requires_grad_()
    products, _ = channel_products(features.flatten(2))
    (gradient,) = torch.autograd.grad(products.square().sum(), features)
    assert gradient.is_contiguous(memory_format=torch.channels_last)


def test_a_flop_counter_counts_its_product() -> None:
    with FlopCounterMode(display=False) as counter:
        channel_products(torch.randn(2, 4, 30))
    assert counter.get_total_flops() == 2 * 2 * 4 * 4 * 30


def test_it_is_a_valid_operator_for_the_compiler() -> None:
    checks = ("test_schema", "test_faketensor", "test_autograd_registration")
    torch.library.opcheck(channel_products, (torch.randn(2, 4, 30, requires_grad=True),), test_utils=checks)
