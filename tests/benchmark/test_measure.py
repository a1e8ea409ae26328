"""Steps that run in turns, the roofline against closed forms, and costs side by side."""

from __future__ import annotations

import pytest
import torch

from texnet.benchmark.measure import (
    CPU,
    Comparison,
    Cost,
    Roofline,
    alternate,
    count_flops,
    matrix_rate,
    measure_roofline,
)

ROOFLINE = Roofline(flops=100, rate=1000.0)
BOTH = Comparison(Cost((0.1, 0.2, 9.0), ROOFLINE, "bfloat16", 5), Cost((0.8,), ROOFLINE, "float32"))


def test_steps_take_turns() -> None:
    order: list[str] = []
    alternate({name: lambda name=name: order.append(name) for name in "abc"}, rounds=2)
    assert "".join(order) == "abcabcabc"


def test_the_first_round_is_left_out() -> None:
    seconds = alternate({"a": lambda: None, "b": lambda: None}, rounds=3)
    assert [len(seconds[name]) for name in "ab"] == [3, 3]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
def test_on_cuda_what_was_started_is_waited_for() -> None:
    device = torch.device("cuda")
    small, large = (torch.ones(side, side, device=device) for side in (64, 8192))
    seconds = alternate({"small": lambda: small @ small, "large": lambda: large @ large}, 3, device)
    assert min(seconds["large"]) > max(seconds["small"])


def test_a_cost_is_the_median_over_the_rounds_and_its_multiple_of_the_roofline() -> None:
    assert BOTH.ours
    assert BOTH.ours.seconds == 0.2
    assert BOTH.ours.times_roofline == 2


def test_the_ratio_is_how_many_times_as_fast_we_are() -> None:
    assert BOTH.ratio == 4


@pytest.mark.parametrize("both", [Comparison(None, BOTH.baseline), Comparison(BOTH.ours, None), Comparison(None, None)])
def test_there_is_no_ratio_where_one_did_not_fit(both: Comparison) -> None:
    assert both.ratio is None


def test_a_convolution_costs_two_operations_per_weight_and_position() -> None:
    convolution = torch.nn.Conv2d(3, 8, 5, stride=2)
    image = torch.rand(2, 3, 21, 17)
    assert count_flops(lambda: convolution(image)) == 2 * (2 * 9 * 7) * (8 * 3 * 5 * 5)


def test_a_matrix_product_costs_two_operations_per_term() -> None:
    a, b = torch.rand(3, 5), torch.rand(5, 7)
    assert count_flops(lambda: a @ b) == 2 * 3 * 5 * 7


def test_gradients_count_twice_what_the_forward_pass_costs() -> None:
    convolution = torch.nn.Conv2d(4, 4, 3)
    image = torch.rand(1, 4, 9, 9, requires_grad=True)
    forward = count_flops(lambda: convolution(image))
    assert count_flops(lambda: convolution(image).sum().backward()) == 3 * forward


def test_the_roofline_of_a_matrix_product_is_its_operations_over_the_rate() -> None:
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
