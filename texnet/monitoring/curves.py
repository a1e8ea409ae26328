"""The curves of a run, of any length, thinned to about a thousand points."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

MAX_POINTS = 1000
NOT_PLOTTED = frozenset({"step", "epoch", "seconds", "crop_size"})


class Plot(NamedTuple):
    """The curves of one quantity: values by name, each as long as ``steps``."""

    steps: list[int]
    traces: dict[str, list[float]]


class Curves:
    """Lines of metrics.jsonl as curves over the steps.

    Above MAX_POINTS every second line is dropped, and from then on only every second line is kept, then every fourth, and
    so on. The first and the last line are always kept.
    """

    def __init__(self) -> None:
        self._kept: list[dict[str, Any]] = []
        self._last: dict[str, Any] | None = None
        self._count = 0
        self._stride = 1

    def extend(self, lines: Iterable[dict[str, Any]]) -> None:
        """Add lines, in the order of their steps."""
        for line in lines:
            self._last = line
            if self._count % self._stride == 0:
                self._kept.append(line)
            self._count += 1
            if len(self._kept) > MAX_POINTS:
                self._kept = self._kept[::2]
                self._stride *= 2

    def lines(self) -> list[dict[str, Any]]:
        """The kept lines, oldest first."""
        extra = [self._last] if self._last is not None and self._last is not self._kept[-1] else []
        return self._kept + extra

    def plots(self) -> dict[str, Plot]:
        """A plot per quantity, by name. The layers of a term share one plot, left out where there is only one layer."""
        lines = self.lines()
        names = [name for name in (lines[-1] if lines else {}) if name not in NOT_PLOTTED]
        steps = [line["step"] for line in lines]
        plots: dict[str, Plot] = {}
        for name in names:
            kind, slash, layer = name.partition("/")
            plot = plots.setdefault(f"{kind} per layer" if slash else kind, Plot(steps, {}))
            plot.traces[layer or kind] = [line.get(name, float("nan")) for line in lines]
        return {name: plot for name, plot in plots.items() if not (name.endswith(" per layer") and len(plot.traces) == 1)}
