"""Total variation."""

from __future__ import annotations

import torch

from texnet.losses.total_variation import total_variation


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
