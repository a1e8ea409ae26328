"""The roofline: the seconds that the arithmetic alone would take at the rate at which this machine multiplies matrices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch.utils.flop_counter import FlopCounterMode

from texnet.benchmark.timing import seconds_of

ATTEMPTS = 12  # products of which the fastest counts
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
