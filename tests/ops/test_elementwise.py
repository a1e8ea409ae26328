"""The square root and the mean square against plain autograd."""

from __future__ import annotations

import pytest
import torch

from tests.ops.helpers import assert_computes, every_dtype
from texnet.ops import mean_square, square_root
from texnet.ops.elementwise import ROOT_OFFSET


@every_dtype
@pytest.mark.parametrize("unit", [1.0, 0.3])
def test_the_square_root_is_the_plain_formula_forward_and_backward(dtype: torch.dtype, unit: float) -> None:
    features = torch.randn(2, 4, 5, 6)
    assert_computes(lambda x: square_root(x, unit), lambda x: (x.relu() / unit + ROOT_OFFSET).sqrt(), (features,), dtype)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_the_square_root_of_zero_and_below_has_no_gradient(dtype: torch.dtype) -> None:
    features = torch.tensor([-1.0, 0.0, 1.0], dtype=dtype, requires_grad=True)
    square_root(features).sum().backward()
    assert features.grad is not None
    assert (features.grad != 0).tolist() == [False, False, True]


@every_dtype
def test_the_mean_square_is_the_plain_formula_forward_and_backward(dtype: torch.dtype) -> None:
    assert_computes(mean_square, lambda x: x.square().mean((1, 2, 3)), (torch.randn(2, 3, 4, 5),), dtype)


def test_bfloat16_squares_are_summed_in_float32() -> None:
    mean = mean_square(torch.full((1, 64, 40, 40), 0.5, dtype=torch.bfloat16))
    assert mean.dtype == torch.float32
    assert mean.tolist() == [0.25]
