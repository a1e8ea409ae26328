"""Two processes under torchrun on one device, which share each batch, beside one process: the real command, twice."""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from texnet.benchmark.setup import BenchmarkSetup, learnable
from texnet.benchmark.startup import run_python
from texnet.benchmark.summary import Figure
from texnet.config import BenchmarkConfig, DeviceConfig, OptimConfig, RunConfig, TrainConfig, to_flags
from texnet.devices import name_of
from texnet.monitoring.jsonl import METRICS
from texnet.reporting.tables import Table, format_number

MAX_STEPS, NUM_LOGS = 200, 20
TORCHRUN = ("-m", "torch.distributed.run", "--rdzv-backend=c10d", "--rdzv-endpoint=127.0.0.1:0", "--local-addr=127.0.0.1")
LOOPBACK = {"GLOO_SOCKET_IFNAME": "lo", "NCCL_SOCKET_IFNAME": "lo"}  # no network is needed, nor looked for


@dataclass(frozen=True)
class TrainedBy:
    """A training by so many processes: pictures per second in its second half, all processes together, and the last loss."""

    num_processes: int
    images_per_second: float
    loss: float


@dataclass(frozen=True)
class DistributedSpeed:
    """The same training by one process and by two that share one device."""

    device: str
    batch_size: int
    steps: int
    trainings: tuple[TrainedBy, ...]

    def table(self) -> Table:
        """Both below each other; equal losses say that two learn what one does."""
        rows = [
            [str(training.num_processes), format_number(training.images_per_second), format_number(training.loss, 4)]
            for training in self.trainings
        ]
        title = f"Several processes on {self.device}: {self.steps} steps of {self.batch_size} pictures in all"
        return Table(("processes", "pictures/s", "loss"), rows, title)

    def figures(self) -> Sequence[Figure]:
        """Speed and loss of each."""
        return [
            Figure(
                f"pictures/s and loss, {_count(training.num_processes)} on {self.device}",
                f"{format_number(training.images_per_second)}, {format_number(training.loss, 4)}",
            )
            for training in self.trainings
        ]


def measure_distributed(setup: BenchmarkSetup, config: BenchmarkConfig) -> DistributedSpeed:
    """Train by one process, then by two on the same card: what NCCL refuses goes through gloo."""
    training, steps = learnable(setup), min(config.max_steps, MAX_STEPS)
    device = "cuda:0" if setup.device.type == "cuda" and setup.device.index is None else str(setup.device)
    trained = []
    with tempfile.TemporaryDirectory() as folder:
        for count in (1, 2):
            run = RunConfig(
                device=DeviceConfig(device),
                checkpoint_dir=folder,
                run_name=f"processes-{count}",
                log_every=max(1, steps // NUM_LOGS),
                preview_every=0,
                checkpoint_every=0,
            )
            data = replace(training.data, batch_size=training.data.batch_size // count, num_val=0)
            optim = OptimConfig(epochs=0, max_steps=steps, progressive_crops=False, precision=name_of(setup.precision))
            shape = replace(training.generator, fixed_noise_factor=1.0)  # one strength alone needs no calibration
            trained.append(_train(replace(training, data=data, generator=shape, optim=optim, run=run), count))
    return DistributedSpeed(device, training.data.batch_size, steps, tuple(trained))


def _count(num_processes: int) -> str:
    return f"{num_processes} process{'es' if num_processes > 1 else ''}"


def _train(config: TrainConfig, num_processes: int) -> TrainedBy:
    torchrun = (*TORCHRUN, f"--nproc-per-node={num_processes}") if num_processes > 1 else ()
    run_python([*torchrun, "-m", "texnet", "train", *to_flags(config)], environment=LOOPBACK)
    metrics = Path(config.run.checkpoint_dir, config.run.run_name, METRICS)
    lines = [json.loads(line) for line in metrics.read_text().splitlines()]
    speeds = [line["images_per_second"] for line in lines[len(lines) // 2 :]]
    return TrainedBy(num_processes, statistics.median(speeds), lines[-1]["loss"])
