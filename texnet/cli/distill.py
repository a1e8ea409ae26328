"""texnet distill: train the compact perceptual network that texnet ships to see what VGG-19 sees."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from texnet.cli.allocator import tune_malloc
from texnet.cli.commands import report_skipped, run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import DataConfig, DistillConfig
from texnet.errors import UserError

DEFAULT_DATA = DataConfig(image_size=96, batch_size=6)


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, train, save."""
    run_command(lambda: distill(_parser().parse_args(argv)))


def distill(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    config = from_options(DistillConfig, vars(arguments))
    data_config = from_options(DataConfig, vars(arguments), DEFAULT_DATA)
    if not config.textures:
        raise UserError("--textures is missing: name style pictures or their folder")
    if config.init and not Path(config.init).is_file():
        raise FileNotFoundError(f"--init {config.init}: no such file")
    tune_malloc()
    from texnet.devices import choose_device
    from texnet.pretraining.distill import distill_vgg

    device = choose_device(config.device, cuda=config.cuda)
    distill_vgg(config, data_config, device, on_check=_print_check, on_unreadable=report_skipped)
    print(f"written: {config.output}")
    return 0


def _print_check(step: int, seconds: float, values: dict[str, float]) -> None:
    text = " ".join(f"{name} {value:.3f}" for name, value in values.items())
    print(f"step {step} {seconds / 60:.1f} min: {text}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="texnet distill",
        description="Train a small network to see what VGG-19 sees, so that training needs no download.",
        epilog="example: python scripts/distill.py --data_dir coco/ --textures styles/ --max_minutes 60 --output compact.pt",
        argument_default=argparse.SUPPRESS,
    )
    add_options(parser, DistillConfig)
    add_options(parser, DataConfig, DEFAULT_DATA)
    return parser
