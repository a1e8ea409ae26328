"""Speed and memory beside the recipe that most people start from, both measured in turns, in the same run."""

from __future__ import annotations

from collections.abc import Callable

from texnet.benchmark.parts import measure_parts
from texnet.benchmark.results import Result, save_report
from texnet.benchmark.startup import measure_startup
from texnet.benchmark.stylizing import measure_stylizing
from texnet.benchmark.subject import Subject, with_weights
from texnet.benchmark.training import measure_training
from texnet.config import BenchmarkConfig

__all__ = ["MEASUREMENTS", "Result", "Subject", "save_report", "with_weights"]

MEASUREMENTS: dict[str, Callable[[Subject, BenchmarkConfig], Result]] = {
    "training": measure_training,
    "parts": measure_parts,
    "stylizing": measure_stylizing,
    "startup": measure_startup,
}
