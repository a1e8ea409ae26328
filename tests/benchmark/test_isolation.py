"""A measurement in a process of its own harms no other, however it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import wait_for
from texnet.benchmark import BenchmarkResult, BenchmarkSetup
from texnet.benchmark.isolation import Failure, measure_alone
from texnet.config import BenchmarkConfig
from texnet.errors import UserError

PLENTY = 150  # seconds

pytestmark = pytest.mark.slow  # processes that load torch


def start_and_die(setup: BenchmarkSetup, config: BenchmarkConfig) -> BenchmarkResult:
    """Start a process that lives on, tell its number, and crash."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(config.output).write_text(str(child.pid))
    os.abort()


def die(setup: BenchmarkSetup, config: BenchmarkConfig) -> BenchmarkResult:
    """End as after a crash of a driver."""
    os.abort()


def make_a_mistake(setup: BenchmarkSetup, config: BenchmarkConfig) -> BenchmarkResult:
    """Raise what a user can correct."""
    raise UserError("--compile: no compiler; install one")


def is_alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().split()[2] != "Z"  # a zombie waits for a parent to read its end


def test_a_crash_is_a_failure_that_names_the_signal(setup: BenchmarkSetup) -> None:
    assert measure_alone(die, setup, BenchmarkConfig(), PLENTY) == Failure("its process ended by SIGABRT")


def test_a_mistake_is_its_one_line(setup: BenchmarkSetup) -> None:
    assert measure_alone(make_a_mistake, setup, BenchmarkConfig(), PLENTY) == Failure("--compile: no compiler; install one")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked up in /proc")
def test_what_it_started_ends_with_it(setup: BenchmarkSetup, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    result = measure_alone(start_and_die, setup, BenchmarkConfig(output=str(note)), PLENTY)
    assert result == Failure("its process ended by SIGABRT")
    wait_for(lambda: not is_alive(int(note.read_text())))


def test_what_has_not_begun_when_its_time_is_over_ends_too(setup: BenchmarkSetup) -> None:
    assert measure_alone(die, setup, BenchmarkConfig(), 0.01) == Failure("stopped after 0 seconds, its part of --max_minutes")
