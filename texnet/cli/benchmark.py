"""texnet benchmark: pictures per second in training, beside the recipe of pytorch/examples, in one run."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from texnet.cli import run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.cli.runtime import keep_memory
from texnet.config import BenchmarkConfig, GeneratorConfig, LossConfig, TrainConfig


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, time, print."""
    run_command(lambda: benchmark(_parser().parse_args(argv)))


def benchmark(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    given = vars(arguments)
    config = from_options(BenchmarkConfig, given)
    keep_memory()
    from texnet.benchmark import compare_training, random_vgg_weights
    from texnet.devices import choose_device, choose_precision, describe_device

    device = choose_device(config.device, cuda=config.cuda)
    precision = choose_precision(config.precision, device)
    with tempfile.TemporaryDirectory() as folder:
        weights = random_vgg_weights("vgg19", Path(folder, "vgg19.pth"))
        loss = from_options(LossConfig, {**given, "vgg_weights": str(weights)})
        training = TrainConfig(generator=from_options(GeneratorConfig, given), loss=loss)
        timing = compare_training(training, config.size, config.rounds, device, precision)
    print(f"training on {describe_device(device)}, batches of 4 at {config.size} pixels, medians of {config.rounds} rounds")
    print(f"  texnet, width {training.generator.width}, {precision}: {1 / timing.ours:.2f} pictures/s")
    print(f"  pytorch/examples recipe, float32:      {1 / timing.peer:.2f} pictures/s")
    print(f"  ratio: {timing.ratio:.2f}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="texnet benchmark",
        description="Time training steps beside those of the pytorch/examples recipe, in turns, in one process.",
        argument_default=argparse.SUPPRESS,
    )
    for config_type in (BenchmarkConfig, GeneratorConfig, LossConfig):
        add_options(parser, config_type)
    return parser
