"""Taking turns: what is compared runs in alternation, so that whatever else the machine does falls on all alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import torch

CPU = torch.device("cpu")


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


def _seconds_by_events(step: Callable[[], object], device: torch.device) -> float:
    with torch.cuda.device(device):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call]
        torch.cuda.synchronize()
        begin.record()
        step()
        end.record()
        end.synchronize()
    return float(begin.elapsed_time(end)) / 1000
