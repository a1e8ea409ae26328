"""Speed and memory beside the recipe that most people start from, both measured in turns, in the same run."""

from __future__ import annotations

from texnet.benchmark.report import MEASUREMENTS, describe_setup, headline, save_report
from texnet.benchmark.run import has_failed, run_measurements, with_pictures
from texnet.benchmark.setup import BenchmarkSetup, with_weights
from texnet.benchmark.summary import BenchmarkResult, summarize

__all__ = [
    "MEASUREMENTS",
    "BenchmarkResult",
    "BenchmarkSetup",
    "describe_setup",
    "has_failed",
    "headline",
    "run_measurements",
    "save_report",
    "summarize",
    "with_pictures",
    "with_weights",
]
