"""Content distance."""

from __future__ import annotations

import pytest
import torch

from texnet.losses.content import content_distance


def test_a_feature_map_is_at_no_distance_from_itself() -> None:
    features = torch.randn(2, 3, 4, 5)
    assert content_distance(features, features).tolist() == [0.0, 0.0]


def test_it_is_the_mean_squared_difference_of_each_picture() -> None:
    output = torch.tensor([[[[1.0, 2.0]]], [[[0.0, 4.0]]]])
    assert content_distance(output, torch.zeros(2, 1, 1, 2)).tolist() == [2.5, 8.0]


def test_where_a_thing_is_matters() -> None:
    features = torch.randn(1, 3, 4, 5)
    assert content_distance(features, features.flip(3)).item() > 0


def test_bfloat16_differences_are_summed_in_float32() -> None:
    output, content = torch.full((1, 64, 40, 40), 0.5, dtype=torch.bfloat16), torch.zeros(1, 64, 40, 40, dtype=torch.bfloat16)
    distance = content_distance(output, content)
    assert distance.dtype == torch.float32
    assert distance.tolist() == [0.25]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_gradient_is_that_of_plain_autograd(dtype: torch.dtype) -> None:
    output, content = torch.randn(2, 3, 4, 5, requires_grad=True), torch.randn(2, 3, 4, 5)
    weights = torch.tensor([1.0, 3.0])
    (expected,) = torch.autograd.grad((weights * (output - content).square().flatten(1).mean(1)).sum(), output)
    narrow = output.to(dtype)
    (found,) = torch.autograd.grad((weights * content_distance(narrow, content.to(dtype))).sum(), narrow)
    torch.testing.assert_close(found.float(), expected, **({} if dtype == torch.float32 else {"rtol": 0.03, "atol": 0.01}))
