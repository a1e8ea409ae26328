"""Stylising single pictures, photo to painted picture in memory: seconds, peak memory and floor of both networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import torch

from texnet.benchmark.floor import find_floor
from texnet.benchmark.memory import peak_bytes
from texnet.benchmark.painters import PAINTERS, Painter, build_painter
from texnet.benchmark.results import OURS, PEER, Comparison, Cost, Table, shown
from texnet.benchmark.subject import Subject, random_pictures
from texnet.benchmark.timing import alternate
from texnet.config import BenchmarkConfig, parse_size
from texnet.devices import TooLargeError, name_of


@dataclass(frozen=True)
class StylizingSpeed:
    """What one picture costs, by its size as WIDTHxHEIGHT, in the number formats of both networks."""

    formats: dict[str, str]
    sizes: dict[str, Comparison]

    def table(self) -> Table:
        """A row for every size; dashes where a picture did not fit into memory."""
        units = ("s", "MB", "x floor")
        columns = ("size", "ratio", *(f"{name} {unit}" for unit in units for name in (OURS, PEER)))
        networks = f"{OURS} in {self.formats['ours']}, {PEER} in {self.formats['peer']}"
        title = f"Stylising one picture, {networks}: ratio of times, seconds, peak memory, times the floor"
        return Table(title, columns, [self._row(size, both) for size, both in self.sizes.items()])

    def _row(self, size: str, both: Comparison) -> list[str]:
        costs = (both.ours, both.peer)
        seconds = [shown(cost.seconds if cost else None) for cost in costs]
        memory = [shown(cost.peak_bytes / 2**20 if cost and cost.peak_bytes is not None else None) for cost in costs]
        floors = [shown(cost.times_floor if cost else None) for cost in costs]
        return [size, shown(both.ratio), *seconds, *memory, *floors]


def measure_stylizing(subject: Subject, config: BenchmarkConfig) -> StylizingSpeed:
    """Time both networks in turns at every size, and take the peak memory of each in a process of its own."""
    painters = {name: build_painter(name, subject) for name in PAINTERS}
    formats = {name: name_of(dtype) for name, dtype in subject.formats.items()}
    return StylizingSpeed(formats, {size: _measure_size(painters, subject, size, config.rounds) for size in config.sizes})


def _measure_size(painters: Mapping[str, Painter], subject: Subject, size: str, rounds: int) -> Comparison:
    width, height = parse_size(size)
    peaks = {name: peak_bytes(name, subject, height, width) for name in painters}
    fitting = [name for name, peak in peaks.items() if peak is not None]
    if not fitting:
        return Comparison(None, None)
    image = random_pictures(1, height, width)
    steps = {name: partial(painters[name].paint, image) for name in fitting}
    costs: dict[str, Cost | None] = dict.fromkeys(painters)
    try:
        seconds = alternate(steps, rounds, subject.device)
        for name, step in steps.items():
            dtype = subject.formats[name]
            costs[name] = Cost(seconds[name], find_floor(step, dtype, subject.device), name_of(dtype), peaks[name])
    except (TooLargeError, torch.OutOfMemoryError):  # it fits alone but not beside what this process holds already
        return Comparison(None, None)
    return Comparison(**costs)
