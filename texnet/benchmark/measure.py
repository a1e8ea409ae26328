"""Measuring: seconds in alternation, the roofline, and both as the costs of ours and the baseline side by side.

What is compared runs in turns, so that whatever else the machine does affects all alike. The roofline is the time that the
arithmetic alone would take at the rate at which this machine multiplies matrices.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import torch
from torch.utils.flop_counter import FlopCounterMode

CPU = torch.device("cpu")
ATTEMPTS = 12  # matrix products, of which the fastest counts
SIDES = {"cpu": 2048}  # of the square matrices: large enough that nothing but arithmetic takes time
OTHER_SIDE = 8192


@dataclass(frozen=True)
class Roofline:
    """Floating-point operations (two per multiply-add) of convolutions and matrix products, and the rate per second."""

    flops: int
    rate: float

    @property
    def seconds(self) -> float:
        """The least time that the arithmetic could take."""
        return self.flops / self.rate


@dataclass(frozen=True)
class Cost:
    """What a step or a picture costs one network: seconds of every round, the roofline, bytes where measured.

    ``precision`` is the number format of its convolutions.
    """

    rounds: tuple[float, ...]
    roofline: Roofline
    precision: str
    peak_bytes: int | None = None

    @property
    def seconds(self) -> float:
        """The median over the rounds."""
        return statistics.median(self.rounds)

    @property
    def times_roofline(self) -> float:
        """How many times as long as the hardware needs for the arithmetic alone."""
        return self.seconds / self.roofline.seconds


@dataclass(frozen=True)
class Comparison:
    """The costs of both networks for the same; None where it did not fit into memory."""

    ours: Cost | None
    baseline: Cost | None

    @property
    def ratio(self) -> float | None:
        """How many times as fast ours is."""
        return self.baseline.seconds / self.ours.seconds if self.ours and self.baseline else None


def alternate(
    steps: Mapping[str, Callable[[], object]], rounds: int, device: torch.device = CPU
) -> dict[str, tuple[float, ...]]:
    """Seconds of every step in every round, one step after the other; a first round, which warms up, is left out."""
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds + 1):
        for name, step in steps.items():
            seconds[name].append(seconds_of(step, device))
    return {name: tuple(taken[1:]) for name, taken in seconds.items()}


def seconds_of(step: Callable[[], object], device: torch.device = CPU) -> float:
    """Seconds until a step and what it has started on the device are done: by the device's own events on CUDA."""
    if device.type == "cuda":
        return _seconds_by_events(step, device)
    begin = time.perf_counter()
    step()
    if device.type != "cpu":
        torch.accelerator.synchronize()
    return time.perf_counter() - begin


def measure_roofline(step: Callable[[], object], dtype: torch.dtype, device: torch.device) -> Roofline:
    """The roofline of a step, which is run once, at the rate of matrices in ``dtype``."""
    return Roofline(count_flops(step), matrix_rate(dtype, device))


def count_flops(step: Callable[[], object]) -> int:
    """Operations in the convolutions and matrix products of a step, those of its gradients included."""
    with FlopCounterMode(display=False) as counter:
        step()
    return counter.get_total_flops()


@cache
def matrix_rate(dtype: torch.dtype, device: torch.device) -> float:
    """Operations per second in a large matrix product, the best of several; measured once per process."""
    side = SIDES.get(device.type, OTHER_SIDE)
    a, b = torch.ones(2, side, side, dtype=dtype, device=device)
    before = torch.get_float32_matmul_precision()
    try:
        if device.type == "cuda":
            torch.set_float32_matmul_precision("high")  # as cudnn's convolutions: float32 in and out, TF32 inside
        best = min(seconds_of(lambda: a @ b, device) for _ in range(ATTEMPTS))
    finally:
        torch.set_float32_matmul_precision(before)
    return 2 * side**3 / best


def _seconds_by_events(step: Callable[[], object], device: torch.device) -> float:
    with torch.cuda.device(device):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call]
        torch.cuda.synchronize()
        begin.record()
        step()
        end.record()
        end.synchronize()
    return float(begin.elapsed_time(end)) / 1000
