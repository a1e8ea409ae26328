"""texnet calibrate: measure the dial of trained networks once more, and store what is found with them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from texnet.cli.allocator import tune_malloc
from texnet.cli.commands import report_skipped, run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import CalibrateConfig, DataConfig
from texnet.errors import UserError

if TYPE_CHECKING:
    import torch

    from texnet.checkpoint import Checkpoint
    from texnet.generators.calibration import Calibration

SHOWN = (0.25, 0.5, 0.75)  # noise factors of which is told what they have become


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, measure, store, tell."""
    run_command(lambda: calibrate(_parser().parse_args(argv)))


def calibrate(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    config = from_options(CalibrateConfig, vars(arguments))
    if not config.ckpt:
        raise UserError("--ckpt is missing: name a trained network, for example checkpoints/mosaic/style.pt")
    tune_malloc()
    from texnet.checkpoint import load_trained
    from texnet.devices import choose_device

    device = choose_device(config.device, cuda=config.cuda)
    for path in config.ckpt:
        checkpoint = load_trained(path)
        generator = checkpoint.generator_config
        if generator.fixed_noise_factor or generator.no_content:
            kind = "for one noise factor alone" if generator.fixed_noise_factor else "to make a texture"
            raise UserError(f"--ckpt {path}: trained {kind}; there is no dial to calibrate")
        calibration = _measure(path, checkpoint, config, device)
        replace(checkpoint, calibration=calibration).save(path)
        found = ", ".join(f"{factor:g} -> {calibration.uncalibrated(factor):.3f}" for factor in SHOWN)
        print(f"{path}: calibrated; noise factor -> the network's own: {found}")
    return 0


def _measure(path: str, checkpoint: Checkpoint, config: CalibrateConfig, device: torch.device) -> Calibration:
    from texnet.data import build_photos
    from texnet.devices import choose_precision
    from texnet.training.calibrate import calibrate_on

    run, seed = checkpoint.run_config(), checkpoint.training.seed
    if config.data_dir:
        data = DataConfig(data_dir=config.data_dir, image_size=checkpoint.training.image_size)
    elif run:
        data = run.data
    else:
        raise UserError(f"--data_dir is missing: {path} does not lie in its run's folder, which knows the photos; name some")
    photos, held_out = build_photos(data, seed=seed, on_unreadable=report_skipped)
    loss = checkpoint.loss(
        texture=config.texture,
        vgg_weights=config.vgg_weights,
        device=device,
        dtype=choose_precision(checkpoint.training.precision, device),
    )
    generator = checkpoint.generator().to(device)
    chosen = photos if config.data_dir else held_out
    return calibrate_on(chosen, generator, loss, checkpoint.generator_config.max_noise_factor, seed)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="texnet calibrate",
        description="Measure how far networks go at each noise factor, and store it with them, so that 0.5 is half of the way.",
        epilog="example: python scripts/calibrate.py --ckpt checkpoints/mosaic/style.pt --data_dir photos",
        argument_default=argparse.SUPPRESS,
    )
    add_options(parser, CalibrateConfig)
    return parser
