"""Plots as PNG files, drawn by matplotlib without windows and without global state."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from texnet.files import write_atomically


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write a figure as PNG, all or nothing."""
    buffer = BytesIO()
    FigureCanvasAgg(figure)  # the figure's canvas from now on: no window, no global state
    figure.savefig(buffer, format="png")
    write_atomically(path, buffer.getvalue())


def tidy(panel: Axes, title: str = "") -> None:
    """A light grid, no box, the title at the left."""
    panel.grid(alpha=0.3)
    panel.spines[["top", "right"]].set_visible(False)
    if title:
        panel.set_title(title, loc="left", fontweight="bold")
