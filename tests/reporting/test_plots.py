"""Plots: files of the size asked for, with something on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from texnet.images import load_picture
from texnet.reporting.plots import DOTS_PER_INCH, Line, Panel, save_bars, save_panels


@pytest.mark.parametrize("log", [False, True])
def test_panels_lie_side_by_side_in_the_size_asked_for(tmp_path: Path, log: bool) -> None:
    line = Line([1, 2, 3], [1, 10, 100], "a run", {"color": "red"})
    save_panels([Panel("one", [line], log=log), Panel("two", [line])], tmp_path / "a.png", size=(6, 2), legend_title="")
    image = load_picture(tmp_path / "a.png").image
    assert image.shape == (1, 3, 2 * DOTS_PER_INCH, 6 * DOTS_PER_INCH)
    is_red = (image[0, 0] > 0.8) & (image[0, 1] < 0.2)
    assert is_red[:, :300].any() and is_red[:, 300:].any()


def test_bars_have_a_group_for_each_name(tmp_path: Path) -> None:
    save_bars(["x", "y"], [("a", [1.0, 2.0]), ("b", [3.0, 4.0])], tmp_path / "b.png", title="bars", y_label="height")
    assert load_picture(tmp_path / "b.png").image.std() > 0.02
