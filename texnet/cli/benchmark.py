"""texnet benchmark: speed and memory in training, stylizing and starting, beside the recipe of pytorch/examples."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from texnet.cli.allocator import tune_malloc
from texnet.cli.commands import run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import BenchmarkConfig, GeneratorConfig, LossConfig, TrainConfig
from texnet.errors import UserError

NEEDED = {"torch": "torch", "torchvision": "torchvision", "numpy": "numpy", "PIL": "pillow", "tqdm": "tqdm"}

if TYPE_CHECKING:
    from texnet.benchmark import BenchmarkResult


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, measure, print."""
    run_command(lambda: benchmark(_parser().parse_args(argv)))


def benchmark(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code, 1 where a measurement failed."""
    given = vars(arguments)
    config = from_options(BenchmarkConfig, given)
    training = TrainConfig(generator=from_options(GeneratorConfig, given), loss=from_options(LossConfig, given))
    if config.output:
        _check_output(Path(config.output))
    _check_inputs(config, training)
    _check_packages()
    tune_malloc()
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # the profiler's remarks; read when torch is imported
    from texnet.benchmark import (
        BenchmarkSetup,
        describe_setup,
        has_failed,
        headline,
        run_measurements,
        save_report,
        summarize,
        with_pictures,
        with_weights,
    )
    from texnet.devices import choose_device, choose_precision

    device = choose_device(config.device.name)
    results: dict[str, BenchmarkResult] = {}
    with with_weights(training) as ready:
        precision = choose_precision(config.precision, device)
        plain_setup = BenchmarkSetup(ready, device, precision, random_weights=not training.loss.vgg_weights)
        about = {**describe_setup(plain_setup, config), "seconds": {}}
        print(headline(about), flush=True)
        with with_pictures(plain_setup, config) as setup:
            begin = time.perf_counter()
            for name, results[name] in run_measurements(setup, config):
                about["seconds"][name], begin = time.perf_counter() - begin, time.perf_counter()
                print(f"\n{name}\n\n{results[name].table().markdown()}", flush=True)
                if config.output:
                    save_report(config.output, about, results)  # what is there so far, should the minutes be cut short
    print(f"\n{summarize(results).markdown()}")
    return 1 if any(map(has_failed, results.values())) else 0


def _check_packages() -> None:
    missing = [package for module, package in NEEDED.items() if find_spec(module) is None]
    if missing:
        raise UserError(f"not installed: {', '.join(missing)}; {sys.executable} -m pip install {' '.join(missing)}")


def _check_inputs(config: BenchmarkConfig, training: TrainConfig) -> None:
    """OSError for a file or folder that is not there: before the minutes of measuring."""
    if config.data_dir and not Path(config.data_dir).is_dir():
        raise NotADirectoryError(f"--data_dir {config.data_dir}: no such folder")
    for flag in ("texture", "vgg_weights"):
        named = getattr(training.loss, flag)
        if named and not Path(named).is_file():
            raise FileNotFoundError(f"--{flag} {named}: no such file")


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
        left_out = ("diversity_weight", "steady_weight", "no_content", "fixed_noise_factor", "match_colors")
        add_options(parser, config_type, without=left_out)
    return parser
