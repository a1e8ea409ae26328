"""texnet benchmark: speed and memory in training, stylizing and starting, beside the recipe of pytorch/examples."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from texnet.cli.allocator import tune_malloc
from texnet.cli.commands import run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import BenchmarkConfig, GeneratorConfig, LossConfig, TrainConfig

if TYPE_CHECKING:
    from texnet.benchmark import BenchmarkResult


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, measure, print."""
    run_command(lambda: benchmark(_parser().parse_args(argv)))


def benchmark(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    given = vars(arguments)
    config = from_options(BenchmarkConfig, given)
    training = TrainConfig(generator=from_options(GeneratorConfig, given), loss=from_options(LossConfig, given))
    if config.output:
        _check_output(Path(config.output))
    tune_malloc()
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # the profiler's remarks; read when torch is imported
    from texnet.benchmark import MEASUREMENTS, BenchmarkSetup, describe_setup, headline, save_report, with_weights
    from texnet.devices import choose_device, choose_precision

    device = choose_device(config.device.name)
    with with_weights(training) as ready:
        setup = BenchmarkSetup(ready, device, choose_precision(config.precision, device))
        about = describe_setup(setup, config)
        print(headline(about))
        results: dict[str, BenchmarkResult] = {}
        for name in dict.fromkeys(config.only):
            results[name] = MEASUREMENTS[name](setup, config)
            print(f"\n{results[name].table().markdown()}", flush=True)
    if config.output:
        save_report(config.output, about, results)
    return 0


def _check_output(path: Path) -> None:
    if path.is_dir():
        raise IsADirectoryError(f"--output {path}: a folder; name a file")
    path.parent.mkdir(parents=True, exist_ok=True)  # a mistake shows before the minutes of measuring


def _parser() -> Parser:
    parser = Parser(
        "benchmark",
        "Measure training, stylizing and start-up, in turns with the recipe of pytorch/examples in float32.",
        usage="%(prog)s [options]",
    )
    for config_type in (BenchmarkConfig, GeneratorConfig, LossConfig):
        add_options(parser, config_type, without=("diversity_weight", "no_content", "fixed_noise_factor"))
    return parser
