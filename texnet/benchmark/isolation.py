"""A measurement in a process of its own: whether it fails, crashes or hangs, the others go on.

What a failure leaves behind, such as a broken CUDA context or full memory, ends with that process.
"""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from texnet.benchmark.setup import BenchmarkSetup
from texnet.benchmark.summary import BenchmarkResult, Figure
from texnet.config import BenchmarkConfig
from texnet.errors import UserError
from texnet.reporting.tables import Table

GRACE = 5  # seconds in which a process ends by itself, or after SIGTERM

Measure = Callable[[BenchmarkSetup, BenchmarkConfig], BenchmarkResult]


@dataclass(frozen=True)
class Failure:
    """A measurement that gave nothing: why, in a line, and the traceback where there is one."""

    reason: str
    details: str = ""

    def table(self) -> Table:
        """The reason in the place of the figures."""
        return Table(("failed",), [[self.reason]])

    def figures(self) -> Sequence[Figure]:
        """The reason."""
        return [Figure("failed", self.reason)]


def measure_alone(measure: Measure, setup: BenchmarkSetup, config: BenchmarkConfig, seconds: float) -> BenchmarkResult:
    """The result of a measurement, a module's function, in a process of its own; Failure where that gave none in time."""
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(sender, measure, setup, config))
    process.start()
    sender.close()
    try:
        if not receiver.poll(seconds):
            return Failure(f"stopped after {seconds:.0f} seconds, its part of --max_minutes")
        result: BenchmarkResult = receiver.recv()
        process.join(GRACE)
        return result
    except EOFError:
        process.join()
        return Failure(f"its process ended {_describe_end(process.exitcode or 0)}")
    finally:
        _end(process)


def _measure(sender: Connection, measure: Measure, setup: BenchmarkSetup, config: BenchmarkConfig) -> None:
    os.setsid()  # a group with the processes that it will start, which end with it
    try:
        sender.send(measure(setup, config))
    except Exception as error:
        mistake = isinstance(error, UserError | OSError)
        reason = str(error) if mistake else f"{type(error).__name__}: {error}"
        sender.send(Failure(" ".join(reason.split())[:300], "" if mistake else traceback.format_exc()))


def _end(process: BaseProcess) -> None:
    """End a process with all that it started and that still runs: torchrun takes SIGTERM along to its own."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        end = time.monotonic() + GRACE
        if not _send(process, number):
            return
        process.join(GRACE)
        while _send(process, 0) and time.monotonic() < end:
            time.sleep(0.05)


def _send(process: BaseProcess, number: int) -> bool:
    """Send a signal to a process and its group; False where none of them is left."""
    if process.pid is None:
        return False
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:  # it has ended, or has no group of its own yet
        if process.is_alive():
            os.kill(process.pid, number)
        return process.is_alive()
    return True


def _describe_end(code: int) -> str:
    return f"by {signal.Signals(-code).name}" if code < 0 else f"with code {code} and no result"
