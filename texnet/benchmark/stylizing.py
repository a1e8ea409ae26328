"""Stylizing single pictures, photo to painted picture in memory: seconds, peak memory and roofline of both networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import torch

from texnet.benchmark.adapters import NETWORKS, Network, build_network
from texnet.benchmark.memory import peak_bytes
from texnet.benchmark.results import BASELINE, OURS, Comparison, Cost, Table, shown
from texnet.benchmark.roofline import measure_roofline
from texnet.benchmark.setup import BenchmarkSetup, random_pictures
from texnet.benchmark.timing import alternate
from texnet.config import BenchmarkConfig, parse_size
from texnet.devices import name_of
from texnet.errors import TooLargeError


@dataclass(frozen=True)
class StylizingSpeed:
    """What one picture costs, by its size as WIDTHxHEIGHT, in the number formats of both networks."""

    formats: dict[str, str]
    sizes: dict[str, Comparison]

    def table(self) -> Table:
        """A row for every size; dashes where a picture did not fit into memory."""
        units = ("s", "MB", "x roofline")
        columns = ("size", "ratio", *(f"{name} {unit}" for unit in units for name in (OURS, BASELINE)))
        networks = f"{OURS} in {self.formats['ours']}, {BASELINE} in {self.formats['baseline']}"
        title = f"Stylizing one picture, {networks}: ratio of times, seconds, peak memory, times the roofline"
        return Table(title, columns, [self._row(size, both) for size, both in self.sizes.items()])

    def _row(self, size: str, both: Comparison) -> list[str]:
        costs = (both.ours, both.baseline)
        seconds = [shown(cost.seconds if cost else None) for cost in costs]
        memory = [shown(cost.peak_bytes / 2**20 if cost and cost.peak_bytes is not None else None) for cost in costs]
        rooflines = [shown(cost.times_roofline if cost else None) for cost in costs]
        return [size, shown(both.ratio), *seconds, *memory, *rooflines]


def measure_stylizing(setup: BenchmarkSetup, config: BenchmarkConfig) -> StylizingSpeed:
    """Time both networks in turns at every size, and take the peak memory of each in a process of its own."""
    networks = {name: build_network(name, setup) for name in NETWORKS}
    formats = {name: name_of(dtype) for name, dtype in setup.formats.items()}
    return StylizingSpeed(formats, {size: _measure_size(networks, setup, size, config.rounds) for size in config.sizes})


def _measure_size(networks: Mapping[str, Network], setup: BenchmarkSetup, size: str, rounds: int) -> Comparison:
    width, height = parse_size(size)
    peaks = {name: peak_bytes(name, setup, height, width) for name in networks}
    fitting = [name for name, peak in peaks.items() if peak is not None]
    if not fitting:
        return Comparison(None, None)
    image = random_pictures(1, height, width)
    steps = {name: partial(networks[name].paint, image) for name in fitting}
    costs: dict[str, Cost | None] = dict.fromkeys(networks)
    try:
        seconds = alternate(steps, rounds, setup.device)
        for name, step in steps.items():
            dtype = setup.formats[name]
            costs[name] = Cost(seconds[name], measure_roofline(step, dtype, setup.device), name_of(dtype), peaks[name])
    except (TooLargeError, torch.OutOfMemoryError):  # it fits alone but not beside what this process holds already
        return Comparison(None, None)
    return Comparison(**costs)
