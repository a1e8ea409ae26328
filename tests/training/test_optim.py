"""The optimizer and the average of the weights."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pytest
import torch
from torch import Tensor, nn

from texnet.training.optim import AVERAGED_SHARE, FiniteGuard, build_optimizer, update_average


def average_of(weights: Iterable[float]) -> float:
    """The average after weights that took these values, one a step."""
    average = torch.zeros(1)
    for step, weight in enumerate(weights, start=1):
        update_average([average], [torch.tensor([weight])], step)
    return average.item()


def test_the_first_average_is_the_first_weights() -> None:
    assert average_of([5.0]) == 5.0


def test_the_average_of_weights_that_rest_is_the_weights() -> None:
    assert average_of([3.0] * 50) == pytest.approx(3.0)


def test_the_average_lags_behind_by_the_stated_share_of_the_steps() -> None:
    assert (1000 - average_of(float(step) for step in range(1001))) / 1000 == pytest.approx(AVERAGED_SHARE, rel=0.1)


def test_the_average_evens_out_weights_that_swing() -> None:
    assert abs(average_of((-1.0) ** step for step in range(500))) < 0.1


def test_the_first_weights_are_soon_forgotten() -> None:
    assert average_of([100.0] * 10 + [1.0] * 490) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(("frozen", "expected"), [(0.0, 1.0), (1.0, 5.0)])
def test_a_frozen_average_is_left_as_it_is(frozen: float, expected: float) -> None:
    average = torch.tensor([5.0])
    update_average([average], [torch.tensor([1.0])], 1, torch.tensor(frozen))
    assert average.item() == expected


def test_the_guard_keeps_the_terms_and_the_number_of_the_first_step_that_broke() -> None:
    guard = FiniteGuard(torch.device("cpu"), applied=7)
    for norm, term in ((1.0, 1.0), (1.0, math.inf), (1.0, 2.0), (math.nan, 3.0)):
        guard.watch(torch.tensor(norm), torch.tensor([term, 0.5]))
    assert (guard.broken.item(), guard.applied.item()) == (1.0, 8)
    assert guard.explain(["style", "tv"]) == "style = inf"


def test_the_guard_blames_the_gradient_where_every_term_is_finite() -> None:
    guard = FiniteGuard(torch.device("cpu"))
    guard.watch(torch.tensor(math.inf), torch.tensor([1.0, 0.5]))
    assert guard.explain(["style", "tv"]) == "the gradient"


def test_every_tensor_is_averaged() -> None:
    average: list[Tensor] = [torch.zeros(2), torch.zeros(3, 1)]
    update_average(average, [torch.ones(2), torch.full((3, 1), 2.0)], 1)
    assert [value.mean().item() for value in average] == [1.0, 2.0]


def test_every_parameter_is_trained() -> None:
    generator = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    optimizer = build_optimizer(generator, 0.1)
    trained = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    assert trained == {id(parameter) for parameter in generator.parameters()}
