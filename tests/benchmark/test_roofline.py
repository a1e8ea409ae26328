"""The roofline against closed forms."""

from __future__ import annotations

import pytest
import torch

from texnet.benchmark import roofline
from texnet.benchmark.roofline import Roofline, count_flops, matrix_rate, measure_roofline

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def small_matrices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any rate will do here."""
    monkeypatch.setattr(roofline, "SIDES", {"cpu": 64})
    matrix_rate.cache_clear()


def test_a_convolution_costs_two_operations_per_weight_and_position() -> None:
    convolution = torch.nn.Conv2d(3, 8, 5, stride=2)
    image = torch.rand(2, 3, 21, 17)
    assert count_flops(lambda: convolution(image)) == 2 * (2 * 9 * 7) * (8 * 3 * 5 * 5)


def test_a_matrix_product_costs_two_operations_per_term() -> None:
    a, b = torch.rand(3, 5), torch.rand(5, 7)
    assert count_flops(lambda: a @ b) == 2 * 3 * 5 * 7


def test_gradients_count_twice_what_the_way_there_costs() -> None:
    convolution = torch.nn.Conv2d(4, 4, 3)
    image = torch.rand(1, 4, 9, 9, requires_grad=True)
    there = count_flops(lambda: convolution(image))
    assert count_flops(lambda: convolution(image).sum().backward()) == 3 * there


def test_the_floor_of_a_matrix_product_is_its_operations_over_the_rate() -> None:
    a = torch.rand(32, 32)
    found = measure_roofline(lambda: a @ a, torch.float32, CPU)
    assert found == Roofline(2 * 32**3, matrix_rate(torch.float32, CPU))
    assert found.seconds == 2 * 32**3 / matrix_rate(torch.float32, CPU)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_rate_is_measured_once_and_leaves_the_settings_alone(dtype: torch.dtype) -> None:
    before = torch.get_float32_matmul_precision()
    rate = matrix_rate(dtype, CPU)
    assert rate > 0 and matrix_rate(dtype, CPU) == rate
    assert torch.get_float32_matmul_precision() == before
