"""The reflected border around what the loss sees."""

from __future__ import annotations

import torch

from texnet.training.augment import BORDER, add_border, draw_border


def test_a_border_adds_the_same_along_both_axes() -> None:
    random = torch.Generator().manual_seed(0)
    for _ in range(100):
        left, right, top, bottom = draw_border(random)
        assert left + right == top + bottom == BORDER
        assert min(left, right, top, bottom) >= 0


def test_borders_lie_at_every_phase_of_three_poolings_in_both_directions() -> None:
    random = torch.Generator().manual_seed(0)
    borders = [draw_border(random) for _ in range(1000)]
    assert {(left % 8, top % 8) for left, _, top, _ in borders} == {(a, b) for a in range(8) for b in range(8)}


def test_the_picture_is_unchanged_inside_its_border() -> None:
    image = torch.rand(2, 3, 16, 16)
    bordered = add_border(image, (3, 5, 2, 6))
    assert torch.equal(bordered[..., 2:18, 3:19], image)
    assert torch.equal(bordered[..., 2:18, 2], image[..., 1])
