"""Speed and memory beside the recipe that most people start from, both measured in turns, in the same run."""

from __future__ import annotations

from texnet.benchmark.measurements import MEASUREMENTS
from texnet.benchmark.results import BenchmarkResult, save_report
from texnet.benchmark.setup import BenchmarkSetup, with_weights

__all__ = ["MEASUREMENTS", "BenchmarkResult", "BenchmarkSetup", "save_report", "with_weights"]
