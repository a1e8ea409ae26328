"""Speed and memory beside the recipe that most people start from, both measured in turns, in the same run."""

from __future__ import annotations

from collections.abc import Callable

from texnet.benchmark.profile import measure_profile
from texnet.benchmark.results import BenchmarkResult, save_report
from texnet.benchmark.setup import BenchmarkSetup, with_weights
from texnet.benchmark.startup import measure_startup
from texnet.benchmark.stylizing import measure_stylizing
from texnet.benchmark.training import measure_training
from texnet.config import BenchmarkConfig

__all__ = ["MEASUREMENTS", "BenchmarkResult", "BenchmarkSetup", "save_report", "with_weights"]

MEASUREMENTS: dict[str, Callable[[BenchmarkSetup, BenchmarkConfig], BenchmarkResult]] = {
    "training": measure_training,
    "profile": measure_profile,
    "stylizing": measure_stylizing,
    "startup": measure_startup,
}
