"""Speed and memory beside the recipe that most people start from, both measured in turns, in the same run."""

from __future__ import annotations

from texnet.benchmark.report import MEASUREMENTS, BenchmarkResult, describe_setup, headline, save_report
from texnet.benchmark.setup import BenchmarkSetup, with_weights

__all__ = ["MEASUREMENTS", "BenchmarkResult", "BenchmarkSetup", "describe_setup", "headline", "save_report", "with_weights"]
