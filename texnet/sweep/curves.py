"""The losses of all runs over their steps, as curves.png."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, zip_longest
from typing import Any

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from texnet.monitoring.jsonl import METRICS, read_metrics
from texnet.reporting.plots import save_figure, tidy
from texnet.sweep.settings import Setting, Sweep, show
from texnet.sweep.table import RunResult, ranked

PANELS = {"loss": "total loss", "style": "style loss", "content": "content loss"}
AXIS_LABEL = "step (curves are smoothed; each term is times the weight that its own run gives it)"
DOTS_PER_INCH = 100
COLORS = "viridis"
LIGHTEST = 0.9  # of the color map: what lies beyond cannot be seen on white
GRAY = "0.8"
MOST_IN_COLOR = 10  # more curves than these cannot be told apart: the best are colored, the others gray
SMOOTHING_WINDOW = 1 / 15  # of a curve's length
LOGARITHMIC_FROM = 8.0  # ratio of the largest to the smallest value that is shown


@dataclass(frozen=True)
class Curve:
    """A run's lines of metrics.jsonl and how they are drawn; gray ones in the background."""

    lines: list[dict[str, float]]
    color: object
    label: str


def draw_curves(results: Sequence[RunResult], sweep: Sweep) -> None:
    """Write curves.png: total, style and content loss of every run, smoothed; each term times its own run's weight."""
    figure = Figure(figsize=(16, 5.2), dpi=DOTS_PER_INCH, layout="constrained")
    curves = _curves(results, sweep)
    panels = figure.subplots(1, len(PANELS))
    for panel, (name, title) in zip(panels, PANELS.items(), strict=True):
        _draw_panel(panel, curves, name)
        tidy(panel, title)
    figure.supxlabel(AXIS_LABEL, fontsize="medium")
    handles, labels = panels[0].get_legend_handles_labels()
    if handles:
        heading = next(iter(sweep.axes)) if len(sweep.axes) == 1 else ""
        figure.legend(handles, labels, loc="outside right upper", frameon=False, title=heading, alignment="left")
    save_figure(figure, sweep.folder / "curves.png")


def label_of(setting: Setting, sweep: Sweep, separator: str = ", ") -> str:
    """The values of a run in words; of a single axis the value alone, of a search with the trial's number."""
    values = [show(value, 3) if len(sweep.axes) == 1 else f"{name} {show(value, 3)}" for name, value in setting.values.items()]
    trial = [f"#{int(setting.name.removeprefix('trial-'))}"] if sweep.num_trials else []
    return separator.join([*trial, *values])


def smooth(values: Sequence[float]) -> list[float]:
    """A running mean that forgets over a small share of the curve; it begins with the first value."""
    share = 1 / max(1.0, SMOOTHING_WINDOW * len(values))
    return list(accumulate(values, lambda mean, value: mean + share * (value - mean)))


def _curves(results: Sequence[RunResult], sweep: Sweep) -> list[Curve]:
    """As trained, or where there are too many to tell apart the best, and all others behind them."""
    colored = list(results) if len(results) <= MOST_IN_COLOR else ranked(results, sweep.criterion)[:MOST_IN_COLOR]
    others = [result for result in results if result not in colored]
    labels = [*(label_of(result.setting, sweep) for result in colored), *(["others"] if others else [])]
    colors = [colormaps[COLORS](LIGHTEST * i / max(1, len(colored) - 1)) for i in range(len(colored))]
    lines = [read_metrics(result.setting.folder / METRICS) for result in [*colored, *others]]
    looks = zip_longest(lines, colors, labels)
    return [Curve(shown, GRAY if color is None else color, label or "") for shown, color, label in looks]


def _draw_panel(panel: Axes, curves: Sequence[Curve], name: str) -> None:
    shown: list[float] = []
    for curve in curves:
        points = [(line["step"], line[name]) for line in curve.lines if math.isfinite(line[name])]
        values = smooth([value for _, value in points])
        style: dict[str, Any] = {"linewidth": 1.0, "zorder": 2} if curve.color == GRAY else {"linewidth": 1.8, "zorder": 3}
        panel.plot([step for step, _ in points], values, color=curve.color, label=curve.label, **style)
        shown += values
    positive = [value for value in shown if value > 0]
    if positive and max(positive) / min(positive) >= LOGARITHMIC_FROM:
        panel.set_yscale("log")
        panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        panel.yaxis.set_major_formatter("{x:g}")
        panel.yaxis.set_minor_formatter("")
    else:
        panel.set_ylim(bottom=0)
