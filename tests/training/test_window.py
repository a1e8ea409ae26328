"""The window of a crop that the loss looks at."""

from __future__ import annotations

import torch

from texnet.training.window import MARGIN, SMALLEST, draw_window


def test_a_window_leaves_out_the_margin_and_stays_inside() -> None:
    random = torch.Generator().manual_seed(0)
    for _ in range(100):
        rows, columns = draw_window(128, random)
        assert rows.stop - rows.start == columns.stop - columns.start == 128 - MARGIN
        assert rows.start >= 0 and rows.stop <= 128 and columns.start >= 0 and columns.stop <= 128


def test_windows_lie_at_every_phase_of_a_grid_of_four_pixels_in_both_directions() -> None:
    random = torch.Generator().manual_seed(0)
    windows = [draw_window(128, random) for _ in range(300)]
    assert {(rows.start % 4, columns.start % 4) for rows, columns in windows} == {(a, b) for a in range(4) for b in range(4)}


def test_a_small_crop_keeps_what_vgg_needs() -> None:
    rows, columns = draw_window(SMALLEST + 3, torch.Generator().manual_seed(0))
    assert rows.stop - rows.start == columns.stop - columns.start == SMALLEST
