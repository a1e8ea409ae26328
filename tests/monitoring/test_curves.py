"""Curves that are thinned, and which of them share a plot."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from texnet.monitoring.curves import MAX_POINTS, Curves


def curves_of(lines: list[dict[str, Any]]) -> Curves:
    curves = Curves()
    curves.extend(lines)
    return curves


def steps(curves: Curves) -> list[int]:
    return [line["step"] for line in curves.lines()]


@given(count=st.integers(0, 20_000))
def test_a_run_of_any_length_has_about_a_thousand_evenly_spaced_points(count: int) -> None:
    kept = steps(curves_of([{"step": step} for step in range(count)]))
    assert len(kept) <= MAX_POINTS + 1
    assert len(kept) >= min(count, MAX_POINTS // 2)
    gaps = {after - before for before, after in pairwise(kept[:-1])}
    assert len(gaps) <= 1, "all but the last are equally far apart"


@given(count=st.integers(1, 20_000))
def test_the_first_and_the_last_line_are_always_kept(count: int) -> None:
    kept = steps(curves_of([{"step": step} for step in range(count)]))
    assert (kept[0], kept[-1]) == (0, count - 1)


@given(parts=st.lists(st.integers(0, 3000), max_size=5))
def test_lines_in_parts_give_the_same_curves_as_all_at_once(parts: list[int]) -> None:
    lines = [{"step": step} for step in range(sum(parts))]
    curves, start = Curves(), 0
    for part in parts:
        curves.extend(lines[start : start + part])
        start += part
    assert steps(curves) == steps(curves_of(lines))


def test_nothing_logged_means_no_plots() -> None:
    assert Curves().plots() == {}


def test_every_quantity_has_a_plot_and_the_layers_of_a_term_share_one() -> None:
    line = {"loss": 6.0, "style": 3.0, "style/relu1_1": 1.0, "style/relu2_1": 2.0, "tv": 0.5, "learning_rate": 0.1}
    plots = curves_of([{"step": 1, **line}, {"step": 10, **line}]).plots()
    assert {name: list(plot.traces) for name, plot in plots.items()} == {
        "loss": ["loss"],
        "style": ["style"],
        "style per layer": ["relu1_1", "relu2_1"],
        "tv": ["tv"],
        "learning_rate": ["learning_rate"],
    }
    assert plots["style per layer"].traces["relu2_1"] == [2.0, 2.0]
    assert all(plot.steps == [1, 10] for plot in plots.values())


def test_epoch_time_and_crop_size_are_not_plotted() -> None:
    line = {"step": 1, "epoch": 0, "seconds": 0.5, "crop_size": 64.0, "loss": 1.0}
    assert set(curves_of([line]).plots()) == {"loss"}


def test_a_single_layer_has_no_plot_besides_that_of_its_term() -> None:
    line = {"step": 1, "content": 2.0, "content/relu3_2": 2.0}
    assert set(curves_of([line]).plots()) == {"content"}


def test_a_quantity_that_starts_later_has_a_gap_before() -> None:
    values = curves_of([{"step": 1}, {"step": 2, "tv": 0.5}]).plots()["tv"].traces["tv"]
    assert math.isnan(values[0]) and values[1] == 0.5
