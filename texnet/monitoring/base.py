"""What a trainer reports to its monitors, and their base class, which ignores it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a Visdom server has no use for torch
    from torch import Tensor


@dataclass(frozen=True)
class Record:
    """The metrics of one log step."""

    step: int
    epoch: int
    seconds: float  # of training, before a resume too
    remaining_seconds: float
    values: dict[str, float] = field(default_factory=dict)  # loss, content/..., style/..., learning_rate, ...


class Monitor:
    """Base of all monitors: subclasses override the methods that they need."""

    def record(self, record: Record) -> None:
        """Report a log step."""

    def preview(self, step: int, image: Tensor) -> None:
        """Report a preview, fixed photos at rising noise factors: float (3, H, W) in [0, 1]."""

    def message(self, text: str) -> None:
        """Report a line of text."""

    def progress(self, task: str, share: float) -> None:
        """How much of a task besides the steps is done, such as "calibrating": 0 to 1."""

    def close(self) -> None:
        """Release what the monitor holds: training has ended, or stops with an error."""


class Monitors(Monitor):
    """Several monitors as one. One that raises an exception is left out from then on, and the others report it."""

    def __init__(self, monitors: Sequence[Monitor]) -> None:
        self.monitors = list(monitors)

    def record(self, record: Record) -> None:
        self._each(lambda monitor: monitor.record(record))

    def preview(self, step: int, image: Tensor) -> None:
        self._each(lambda monitor: monitor.preview(step, image))

    def message(self, text: str) -> None:
        self._each(lambda monitor: monitor.message(text))

    def progress(self, task: str, share: float) -> None:
        self._each(lambda monitor: monitor.progress(task, share))

    def close(self) -> None:
        self._each(lambda monitor: monitor.close())

    def _each(self, report: Callable[[Monitor], None]) -> None:
        for monitor in tuple(self.monitors):
            try:
                report(monitor)
            except Exception as error:  # whatever a monitor does, training goes on
                self.monitors.remove(monitor)
                self.message(f"{type(monitor).__name__} stops, training goes on: {type(error).__name__}: {error}")


def totals(terms: Mapping[str, float]) -> dict[str, float]:
    """Sums of the terms by kind, and of all: ``content``, ``style``, ``loss`` beside ``style/relu1_1`` and so on."""
    sums: dict[str, float] = {"loss": sum(terms.values())}
    for name, value in terms.items():
        kind, slash, _ = name.partition("/")
        if slash:
            sums[kind] = sums.get(kind, 0.0) + value
    return {**sums, **terms}
