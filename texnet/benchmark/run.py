"""Measurement after measurement: in this process, or each in its own and within its part of the minutes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from texnet.benchmark.device_tests import DeviceTests
from texnet.benchmark.isolation import Failure, measure_alone
from texnet.benchmark.report import MEASUREMENTS
from texnet.benchmark.setup import BenchmarkSetup
from texnet.benchmark.summary import BenchmarkResult
from texnet.config import BenchmarkConfig
from texnet.drawing import save_texture
from texnet.drawing.samples import save_sample_photos

# seconds that each may need on a GPU, start-up included: the parts into which --max_minutes is divided
SECONDS = {
    "training": 35,
    "profile": 20,
    "stylizing": 75,
    "startup": 75,
    "compile": 110,
    "convergence": 110,
    "distributed": 60,
    "tests": 90,
}
LEARNING = {"convergence", "distributed"}  # train on photos, not on random pictures
NUM_SCENES = 24


def run_measurements(setup: BenchmarkSetup, config: BenchmarkConfig) -> Iterator[tuple[str, BenchmarkResult]]:
    """Names and results of what ``config.only`` names, one by one.

    With ``config.max_minutes`` a failure is a result, and what one measurement leaves of its time the later ones have.
    """
    end = time.monotonic() + 60 * config.max_minutes
    names = list(dict.fromkeys(config.only))
    for place, name in enumerate(names):
        if not config.max_minutes:
            yield name, MEASUREMENTS[name](setup, config)
            continue
        seconds = part_of_time(names[place:], end - time.monotonic())
        yield name, measure_alone(MEASUREMENTS[name], setup, replace(config, max_minutes=seconds / 60), seconds)


def part_of_time(names: Sequence[str], seconds: float) -> float:
    """The part of the first of some measurements in the seconds that are left for all, at least one second."""
    return max(1.0, seconds * SECONDS[names[0]] / sum(SECONDS[name] for name in names))


def has_failed(result: BenchmarkResult) -> bool:
    """Whether a measurement gave nothing, or found that something does not work."""
    return isinstance(result, Failure) or (isinstance(result, DeviceTests) and bool(result.failed))


@contextmanager
def with_pictures(setup: BenchmarkSetup, config: BenchmarkConfig) -> Iterator[BenchmarkSetup]:
    """The setup with photos and a style picture where they are needed: those that were named, or drawn ones."""
    if not LEARNING.intersection(config.only):
        yield setup
        return
    with tempfile.TemporaryDirectory() as folder:
        data_dir = config.data_dir or str(save_sample_photos(Path(folder, "photos"), NUM_SCENES))
        texture = setup.training.loss.texture or str(save_texture("stained_glass", folder, 512))
        data = replace(setup.training.data, data_dir=data_dir, image_size=config.size)
        loss = replace(setup.training.loss, texture=texture)
        yield replace(setup, training=replace(setup.training, data=data, loss=loss))
