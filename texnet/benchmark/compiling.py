"""What --compile brings: our training step compiled beside the same step as it is, and the recipe of pytorch/examples."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from texnet.benchmark.baseline import build_baseline_step
from texnet.benchmark.measure import alternate, seconds_of
from texnet.benchmark.setup import BASELINE, OURS, BenchmarkSetup, random_pictures
from texnet.benchmark.summary import Figure
from texnet.benchmark.training import BATCH, build_our_step
from texnet.config import BenchmarkConfig
from texnet.reporting.tables import MISSING, Table, format_number

ROWS = {"eager": OURS, "compiled": f"{OURS} --compile", "baseline": BASELINE}


@dataclass(frozen=True)
class CompiledSpeed:
    """Seconds of training steps in every round, of the first compiled one, and the losses of both after equal steps."""

    batch_size: int
    image_size: int
    rounds: dict[str, tuple[float, ...]]
    first_step: float
    losses: dict[str, float]

    @property
    def images_per_second(self) -> dict[str, float]:
        """Pictures per second: ``eager``, ``compiled`` and ``baseline``."""
        return {name: self.batch_size / statistics.median(taken) for name, taken in self.rounds.items()}

    def table(self) -> Table:
        """The three below each other."""
        rows = [
            [ROWS[name], format_number(speed), format_number(self.batch_size / speed), format_number(self.losses.get(name))]
            for name, speed in self.images_per_second.items()
        ]
        first = ["the first step of --compile", MISSING, format_number(self.first_step), MISSING]
        title = f"Compiled training: steps on {self.batch_size} pictures of {self.image_size} pixels, losses after equal steps"
        return Table(("network", "pictures/s", "s per step", "loss"), [*rows, first], title)

    def figures(self) -> Sequence[Figure]:
        """Pictures per second with and without, what compiling takes, and whether both learn the same."""
        speeds = {name: format_number(speed) for name, speed in self.images_per_second.items()}
        losses = ", ".join(format_number(loss, 4) for loss in self.losses.values())
        return [
            Figure(f"pictures/s, {self.image_size} pixels", speeds["eager"], speeds["baseline"]),
            Figure(f"pictures/s, {self.image_size} pixels, --compile", speeds["compiled"]),
            Figure("s, first compiled step", format_number(self.first_step)),
            Figure("losses, eager and compiled", losses),
        ]


def measure_compile(setup: BenchmarkSetup, config: BenchmarkConfig) -> CompiledSpeed:
    """Time whole steps in turns. UserError where nothing can be compiled here."""
    photos = random_pictures(BATCH, config.size, config.size).to(setup.device)
    eager, compiled = (build_our_step(setup, photos, compiled=compiled) for compiled in (False, True))
    first_step = seconds_of(compiled, setup.device)
    eager()
    steps: dict[str, Callable[[], object]] = {"eager": eager, "compiled": compiled}
    steps["baseline"] = build_baseline_step(photos)
    rounds = alternate(steps, config.rounds, setup.device)
    losses = {"eager": _loss(eager), "compiled": _loss(compiled)}
    return CompiledSpeed(BATCH, config.size, rounds, first_step, losses)


def _loss(step: Callable[[], dict[str, Tensor]]) -> float:
    return sum(term.item() for term in step().values())
