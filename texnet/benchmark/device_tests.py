"""The tests that compare a device with the CPU, run by pytest: of a clone, as they are no part of the package."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import texnet
from texnet.benchmark.setup import BenchmarkSetup
from texnet.benchmark.summary import Figure
from texnet.config import BenchmarkConfig
from texnet.errors import UserError
from texnet.reporting.tables import Table

CLONE = Path(texnet.__file__).parents[1]
FOLDER = CLONE / "tests" / "on_device"
FLAGS = ("-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-W", "default")  # a warning of another torch is no failure


@dataclass(frozen=True)
class DeviceTests:
    """Names of the tests that passed, of those that failed with the first line of the reason, and of those left out."""

    device: str
    passed: tuple[str, ...]
    failed: dict[str, str]
    skipped: dict[str, str]

    def table(self) -> Table:
        """A test that did not pass in each row, below the counts."""
        counts = [f"{len(part)} {word}" for part, word in self._parts()]
        rows = [["failed", name, reason] for name, reason in self.failed.items()]
        rows += [["skipped", name, reason] for name, reason in self.skipped.items()]
        return Table(("result", "test", "reason"), rows, f"Tests on {self.device}: {', '.join(counts)}")

    def figures(self) -> Sequence[Figure]:
        """The counts, and which failed."""
        counts = Figure("tests", ", ".join(f"{len(part)} {word}" for part, word in self._parts()))
        return [counts, *(Figure(f"failed: {name}", reason) for name, reason in self.failed.items())]

    def _parts(self) -> list[tuple[Sequence[str] | dict[str, str], str]]:
        return [(self.passed, "passed"), (self.failed, "failed"), (self.skipped, "skipped")]


def measure_tests(setup: BenchmarkSetup, config: BenchmarkConfig) -> DeviceTests:
    """Run the tests for the setup's kind of device. UserError where there is no clone, or no pytest."""
    return run_tests(FOLDER, setup.device.type)


def run_tests(folder: Path, device: str) -> DeviceTests:
    """Run the tests of a folder that have the marker of a device, ``cuda``, or for another device all without it."""
    if not folder.is_dir():
        raise UserError(f"tests: no {folder.name} beside the package; run them from a clone of texnet")
    if importlib.util.find_spec("pytest") is None:
        raise UserError(f"tests: pytest is missing; {sys.executable} -m pip install pytest")
    marked = "cuda" if device == "cuda" else "not cuda"
    with tempfile.TemporaryDirectory() as temporary:
        report = Path(temporary, "report.xml")
        command = [sys.executable, "-m", "pytest", *FLAGS, "-m", marked, f"--junitxml={report}", str(folder)]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(command, cwd=CLONE, env=environment, capture_output=True, text=True, check=False)
        if not report.is_file():
            raise RuntimeError(f"pytest ended with code {done.returncode}: {done.stderr or done.stdout}")
        return read_results(report.read_text(), device)


def read_results(report: str, device: str) -> DeviceTests:
    """The results in a report of pytest, the XML of JUnit."""
    passed: list[str] = []
    failed: dict[str, str] = {}
    skipped: dict[str, str] = {}
    for case in ElementTree.fromstring(report).iter("testcase"):
        name = case.get("name", "")
        wrong = next((part for part in case if part.tag in ("failure", "error")), None)
        left_out = case.find("skipped")
        if wrong is not None:
            failed[name] = " ".join(wrong.get("message", "").split())[:200]
        elif left_out is not None:
            skipped[name] = left_out.get("message", "")
        else:
            passed.append(name)
    return DeviceTests(device, tuple(passed), failed, skipped)
