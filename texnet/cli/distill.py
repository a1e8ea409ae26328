"""texnet distill: train the compact feature network that texnet ships to replace VGG-19."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from texnet.cli.allocator import tune_malloc
from texnet.cli.commands import report_skipped, run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import DataConfig, DistillConfig, check_given

DEFAULT_DATA = DataConfig(image_size=96, batch_size=6)


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, train, save."""
    run_command(lambda: distill(_parser().parse_args(argv)))


def distill(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    config = from_options(DistillConfig, vars(arguments))
    data_config = from_options(DataConfig, vars(arguments), DEFAULT_DATA)
    check_given(config)
    if config.init and not Path(config.init).is_file():
        raise FileNotFoundError(f"--init {config.init}: no such file")
    tune_malloc()
    from texnet.devices import choose_device
    from texnet.pretraining.distill import distill_vgg

    device = choose_device(config.device.name)
    distill_vgg(config, data_config, device, on_check=_print_check, on_unreadable=report_skipped, log=print)
    print(f"written: {config.output}")
    return 0


def _print_check(step: int, seconds: float, values: dict[str, float]) -> None:
    text = " ".join(f"{name} {value:.3f}" for name, value in values.items())
    print(f"step {step} {seconds / 60:.1f} min: {text}", flush=True)


def _parser() -> Parser:
    parser = Parser(
        "distill",
        "Train a small feature network to replace VGG-19, so that training a style needs no download.",
        example="--data_dir coco/ --textures styles/ --max_minutes 60 --output compact.pt",
    )
    add_options(parser, DistillConfig)
    add_options(parser, DataConfig, DEFAULT_DATA)
    return parser
