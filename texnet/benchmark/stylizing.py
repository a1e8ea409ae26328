"""Stylizing single pictures, from memory to memory: seconds, peak memory and roofline of both networks.

Peak memory is that of a process of its own, which nothing else has filled.
"""

from __future__ import annotations

import resource
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch

from texnet.benchmark.measure import Comparison, Cost, alternate, measure_roofline
from texnet.benchmark.setup import BASELINE, NETWORKS, OURS, BenchmarkSetup, Network, build_network, random_pictures
from texnet.benchmark.summary import Figure
from texnet.config import BenchmarkConfig, parse_size
from texnet.devices import check_memory, name_of
from texnet.errors import TooLargeError
from texnet.reporting.tables import Table, format_number

WARM_UP_SIZE = 64  # pixels: what the libraries need for themselves is there before the picture


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
        return Table(columns, [self._row(size, both) for size, both in self.sizes.items()], title)

    def figures(self) -> Sequence[Figure]:
        """Milliseconds at every size."""
        return [
            Figure(
                f"ms, {size}", *(format_number(1000 * cost.seconds if cost else None) for cost in (both.ours, both.baseline))
            )
            for size, both in self.sizes.items()
        ]

    def _row(self, size: str, both: Comparison) -> list[str]:
        costs = (both.ours, both.baseline)
        seconds = [format_number(cost.seconds if cost else None) for cost in costs]
        memory = [format_number(cost.peak_bytes / 2**20 if cost and cost.peak_bytes is not None else None) for cost in costs]
        rooflines = [format_number(cost.times_roofline if cost else None) for cost in costs]
        return [size, format_number(both.ratio), *seconds, *memory, *rooflines]


def measure_stylizing(setup: BenchmarkSetup, config: BenchmarkConfig) -> StylizingSpeed:
    """Time both networks in turns at every size, and take the peak memory of each in a process of its own."""
    networks = {name: build_network(name, setup) for name in NETWORKS}
    formats = {name: name_of(dtype) for name, dtype in setup.formats.items()}
    return StylizingSpeed(formats, {size: _measure_size(networks, setup, size, config.rounds) for size in config.sizes})


def peak_bytes(network: str, setup: BenchmarkSetup, height: int, width: int) -> int | None:
    """Bytes that stylizing a picture needs above the idle process, the picture included; None where it does not fit.

    Of the card's memory on CUDA, else of the machine's.
    """
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send_peak, args=(sender, network, setup, height, width), daemon=True)
    process.start()
    sender.close()
    try:
        peak: int | None = receiver.recv()
    except EOFError:
        peak = None
    process.join()
    if process.exitcode not in (0, -signal.SIGKILL):  # SIGKILL: the system ran out of memory
        raise RuntimeError(f"measuring the memory of {network} at {width}x{height} ended with code {process.exitcode}")
    return peak


def _measure_size(networks: Mapping[str, Network], setup: BenchmarkSetup, size: str, rounds: int) -> Comparison:
    width, height = parse_size(size)
    possible = [name for name, network in networks.items() if _may_fit(network, height, width, setup.device)]
    peaks = {name: peak_bytes(name, setup, height, width) for name in possible}
    fitting = [name for name, peak in peaks.items() if peak is not None]
    if not fitting:
        return Comparison(None, None)
    image = random_pictures(1, height, width)
    steps = {name: partial(networks[name].stylize, image) for name in fitting}
    costs: dict[str, Cost | None] = dict.fromkeys(networks)
    try:
        seconds = alternate(steps, rounds, setup.device)
        for name, step in steps.items():
            dtype = setup.formats[name]
            costs[name] = Cost(seconds[name], measure_roofline(step, dtype, setup.device), name_of(dtype), peaks[name])
    except (TooLargeError, torch.OutOfMemoryError):  # it fits alone but not beside what this process holds already
        return Comparison(None, None)
    return Comparison(**costs)


def _may_fit(network: Network, height: int, width: int, device: torch.device) -> bool:
    try:
        check_memory((height, width), network.bytes_per_pixel, device, "--sizes")
    except TooLargeError:
        return False
    return True


def _send_peak(sender: Connection, network: str, setup: BenchmarkSetup, height: int, width: int) -> None:
    try:
        sender.send(_measure_peak(network, setup, height, width))
    except (TooLargeError, torch.OutOfMemoryError):
        sender.send(None)


def _measure_peak(network: str, setup: BenchmarkSetup, height: int, width: int) -> int:
    built = build_network(network, setup)
    built.stylize(random_pictures(1, WARM_UP_SIZE, WARM_UP_SIZE))
    before = _peak_so_far(setup.device)
    built.stylize(random_pictures(1, height, width))
    return _peak_so_far(setup.device) - before


def _peak_so_far(device: torch.device) -> int:
    card: Any = getattr(torch, device.type, None)
    if hasattr(card, "max_memory_allocated"):
        return card.max_memory_allocated(device)
    status = Path("/proc/self/status")
    if status.exists():  # Linux' ru_maxrss begins at the peak of the process that started this one
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(fields["VmHWM"].split()[0]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
