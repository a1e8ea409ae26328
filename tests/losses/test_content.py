"""Content distance."""

from __future__ import annotations

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
