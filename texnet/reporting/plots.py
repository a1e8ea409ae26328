"""Plots as PNG files, drawn by matplotlib without windows and without global state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from texnet.files import write_atomically

DOTS_PER_INCH = 100
BAR_GROUP = 0.8  # of the distance between groups
COLORMAP, LIGHTEST = "viridis", 0.9  # lighter colors than this share of the map cannot be seen on white


@dataclass(frozen=True)
class Line:
    """Points, what the legend calls them (nothing for an empty label), and matplotlib's keywords for how they look."""

    x: Sequence[float]
    y: Sequence[float]
    label: str = ""
    look: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Panel:
    """Lines over one pair of axes; ``log`` is the scale of y, ``from_zero`` lets it begin at 0."""

    title: str
    lines: Sequence[Line]
    x_label: str = ""
    y_label: str = ""
    log: bool = False
    from_zero: bool = False
    legend: bool = False


def save_panels(
    panels: Sequence[Panel], path: Path, *, size: tuple[float, float], x_label: str = "", legend_title: str | None = None
) -> None:
    """Write panels side by side, ``size`` inches in all, with a common label of x.

    ``legend_title``, where it is not None, is the heading of a legend beside the panels, of the first one's lines.
    """
    figure = _new_figure(size)
    every_axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, panel in zip(every_axes, panels, strict=True):
        _draw_panel(axes, panel)
    if x_label:
        figure.supxlabel(x_label, fontsize="medium")
    handles, labels = every_axes[0].get_legend_handles_labels()
    if handles and legend_title is not None:
        figure.legend(handles, labels, loc="outside right upper", frameon=False, title=legend_title, alignment="left")
    _save(figure, path)


def save_bars(
    groups: Sequence[str], series: Sequence[tuple[str, Sequence[float]]], path: Path, *, title: str, y_label: str
) -> None:
    """Write bars in groups: each of ``series`` is a label and one height per group."""
    figure = _new_figure((2 + 1.4 * len(groups), 4.5))
    axes = figure.subplots()
    width = BAR_GROUP / len(series)
    for i, (label, heights) in enumerate(series):
        places = [place - BAR_GROUP / 2 + (i + 0.5) * width for place in range(len(groups))]
        axes.bar(places, heights, width, label=label)
    axes.set_xticks(range(len(groups)), groups)
    axes.set_ylabel(y_label)
    _tidy(axes, title)
    axes.legend(frameon=False)
    _save(figure, path)


def spread_colors(count: int) -> list[Any]:
    """So many colors from dark to light, for lines whose order means something."""
    return [colormaps[COLORMAP](LIGHTEST * i / max(1, count - 1)) for i in range(count)]


def _new_figure(size: tuple[float, float]) -> Figure:
    return Figure(figsize=size, dpi=DOTS_PER_INCH, layout="constrained")


def _draw_panel(axes: Axes, panel: Panel) -> None:
    for line in panel.lines:
        axes.plot(line.x, line.y, label=line.label, **line.look)
    axes.set_xlabel(panel.x_label)
    axes.set_ylabel(panel.y_label)
    if panel.log:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("")
    elif panel.from_zero:
        axes.set_ylim(bottom=0)
    _tidy(axes, panel.title)
    if panel.legend:
        axes.legend(frameon=False)


def _tidy(axes: Axes, title: str) -> None:
    """A light grid, no box, the title at the left."""
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(title, loc="left", fontweight="bold")


def _save(figure: Figure, path: Path) -> None:
    buffer = BytesIO()
    FigureCanvasAgg(figure)  # the figure's canvas from now on: no window, no global state
    figure.savefig(buffer, format="png")
    write_atomically(path, buffer.getvalue())
