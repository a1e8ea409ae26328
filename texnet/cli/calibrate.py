"""texnet calibrate: measure the calibration of trained networks on photos, and store it with them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from texnet.cli.allocator import tune_malloc
from texnet.cli.commands import report_skipped, run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import CalibrateConfig, check_given
from texnet.errors import UserError
from texnet.shipped import shipped_styles

if TYPE_CHECKING:
    import torch

    from texnet.checkpoint import Checkpoint
    from texnet.data import PhotoDataset
    from texnet.generators.calibration import Calibration

SHOWN = (0.25, 0.5, 0.75)  # noise factors whose uncalibrated factors are printed


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, measure, store, print."""
    run_command(lambda: calibrate(_parser().parse_args(argv)))


def calibrate(arguments: argparse.Namespace) -> int:
    """The command itself: 0, or 1 where one of several networks could not be calibrated."""
    config = from_options(CalibrateConfig, vars(arguments))
    check_given(config)
    tune_malloc()
    from texnet.devices import choose_device

    device = choose_device(config.device.name)
    failures = 0
    for path in config.ckpt:
        try:
            _calibrate(path, config, device)
        except (UserError, OSError) as error:
            if len(config.ckpt) == 1:
                raise
            report_skipped(str(error))
            failures += 1
    return 1 if failures else 0


def _calibrate(path: str, config: CalibrateConfig, device: torch.device) -> None:
    from texnet.checkpoint import load_trained

    if Path(path) in shipped_styles().values():
        raise UserError(f"--ckpt {path}: comes with texnet, calibrated; copy it to calibrate it on other photos")
    checkpoint = load_trained(path)
    generator = checkpoint.generator_config
    if generator.fixed_noise_factor or generator.no_content:
        kind = "for one noise factor alone" if generator.fixed_noise_factor else "to make a texture"
        raise UserError(f"--ckpt {path}: trained {kind}; no strength control to calibrate")
    calibration = _measure(path, checkpoint, config, device)
    replace(checkpoint, calibration=calibration).save(path)
    found = ", ".join(f"{factor:g} -> {calibration.uncalibrated(factor):.3f}" for factor in SHOWN)
    print(f"{path}: calibrated; noise factor -> uncalibrated factor: {found}")


def _measure(path: str, checkpoint: Checkpoint, config: CalibrateConfig, device: torch.device) -> Calibration:
    from texnet.devices import choose_precision
    from texnet.training.calibrate import calibrate_on

    photos = _photos(path, config, checkpoint.training.image_size)
    loss = checkpoint.loss(
        texture=config.texture,
        vgg_weights=config.vgg_weights,
        device=device,
        dtype=choose_precision(checkpoint.training.precision, device),
    )
    generator = checkpoint.generator().to(device)
    return calibrate_on(photos, generator, loss, checkpoint.generator_config.max_noise_factor, checkpoint.training.seed)


def _photos(path: str, config: CalibrateConfig, image_size: int) -> PhotoDataset:
    """Photos that a network was not trained on: those of ``--data_dir``, or what its training held out."""
    from texnet.data import PhotoDataset
    from texnet.evaluation.photos import find_held_out, find_unseen

    paths = find_unseen(config.data_dir, config.split, [path], _log) if config.data_dir else find_held_out(path, _log)
    return PhotoDataset(paths, image_size, on_unreadable=report_skipped)


def _log(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parser() -> Parser:
    parser = Parser(
        "calibrate",
        "Calibrate networks: noise factor 0.5 becomes half of the perceptual path from the photo to full style.",
        example="--ckpt checkpoints/mosaic/style.pt --data_dir photos",
    )
    add_options(parser, CalibrateConfig)
    return parser
