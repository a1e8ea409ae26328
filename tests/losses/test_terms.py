"""Content, total variation and diversity."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from texnet.losses import DiversityLoss
from texnet.losses.terms import content_distance, total_variation


def test_a_feature_map_is_at_no_distance_from_itself() -> None:
    features = torch.randn(2, 3, 4, 5)
    assert content_distance(features, features).tolist() == [0.0, 0.0]


def test_it_is_the_mean_squared_difference_of_each_picture() -> None:
    output = torch.tensor([[[[1.0, 2.0]]], [[[0.0, 4.0]]]])
    assert content_distance(output, torch.zeros(2, 1, 1, 2)).tolist() == [2.5, 8.0]


def test_where_a_thing_is_matters() -> None:
    features = torch.randn(1, 3, 4, 5)
    assert content_distance(features, features.flip(3)).item() > 0


def test_a_flat_picture_has_none() -> None:
    assert total_variation(torch.full((1, 3, 5, 7), 0.3)).tolist() == [0.0]


def test_columns_that_alternate_between_black_and_white_have_one() -> None:
    stripes = (torch.arange(8) % 2).float().expand(1, 3, 6, 8)
    assert total_variation(stripes).tolist() == [1.0]


def test_rows_count_as_columns_do() -> None:
    picture = torch.rand(2, 3, 6, 8)
    torch.testing.assert_close(total_variation(picture), total_variation(picture.mT))


def test_it_is_the_loop_over_neighbors() -> None:
    picture = torch.rand(1, 1, 3, 4)
    p = picture[0, 0].tolist()
    across = [abs(p[y][x + 1] - p[y][x]) for y in range(3) for x in range(3)]
    down = [abs(p[y + 1][x] - p[y][x]) for y in range(2) for x in range(4)]
    expected = sum(across) / len(across) + sum(down) / len(down)
    torch.testing.assert_close(total_variation(picture), torch.tensor([expected]))


def test_each_picture_of_a_batch_is_measured_alone() -> None:
    pictures = torch.stack([torch.zeros(3, 4, 4), torch.rand(3, 4, 4)])
    torch.testing.assert_close(total_variation(pictures)[1:], total_variation(pictures[1:]))
    assert total_variation(pictures)[0] == 0


TEXTURE = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))


def term(pictures: Tensor, copies: int, weight: float = 1.0) -> float:
    return DiversityLoss(TEXTURE, weight=weight, copies=copies)(pictures, torch.ones(len(pictures))).item()


def test_pictures_as_different_as_two_places_of_the_texture_are_worth_nothing() -> None:
    assert term(torch.rand(4, 3, 64, 64), copies=2) == pytest.approx(0, abs=0.02)


def test_equal_pictures_are_worth_most_and_the_weight_counts() -> None:
    equal = torch.rand(1, 3, 32, 32).expand(2, -1, -1, -1)
    assert term(equal, copies=2, weight=3) == pytest.approx(-3 * 0.5 * math.log(0.01), abs=0.01)


def test_it_is_the_logarithm_of_the_distance_to_the_nearest_copy() -> None:
    pictures = torch.rand(6, 3, 8, 8)
    unit, total = 2 * TEXTURE.var((2, 3)).mean().item(), 0.0
    for i, picture in enumerate(pictures):
        copies = [j for j in range(i // 3 * 3, i // 3 * 3 + 3) if j != i]
        nearest = min((picture - pictures[j]).square().mean().item() for j in copies)
        total -= 0.5 * math.log(nearest / unit + 0.01) / 6
    assert term(pictures, copies=3) == pytest.approx(total, rel=1e-4)


def test_a_step_along_its_gradient_makes_copies_differ_more() -> None:
    pictures = (0.5 + 0.01 * torch.randn(4, 3, 16, 16)).requires_grad_()
    loss = DiversityLoss(TEXTURE, weight=1.0, copies=2)
    loss(pictures, torch.ones(4)).backward()
    assert pictures.grad is not None
    assert loss(pictures - 0.1 * pictures.grad, torch.ones(4)) < loss(pictures, torch.ones(4))


def test_equal_pictures_have_a_finite_gradient() -> None:
    pictures = torch.full((2, 3, 8, 8), 0.5, requires_grad=True)
    DiversityLoss(TEXTURE, weight=1.0, copies=2)(pictures, torch.ones(2)).backward()
    assert pictures.grad is not None
    assert bool(pictures.grad.isfinite().all())


def test_a_picture_without_style_need_not_differ() -> None:
    equal = torch.full((2, 3, 8, 8), 0.5)
    assert DiversityLoss(TEXTURE, weight=1.0, copies=2)(equal, torch.zeros(2)).item() == 0


def test_copies_take_the_places_of_others() -> None:
    assert DiversityLoss(TEXTURE, weight=1.0, copies=2).pick(torch.arange(6)).tolist() == [0, 0, 2, 2, 4, 4]
