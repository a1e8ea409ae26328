"""texnet calibrate: measure the calibration of trained networks on photos, and store it with them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from texnet.cli.allocator import tune_malloc
from texnet.cli.commands import report_skipped, run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import CalibrateConfig, TrainConfig, check_given, from_dict, to_dict
from texnet.errors import UserError

if TYPE_CHECKING:
    import torch

    from texnet.data import PhotoDataset
    from texnet.generators.calibration import Calibration

SHOWN = (0.25, 0.5, 0.75)  # noise factors whose uncalibrated factors are printed


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, measure, store, print."""
    run_command(lambda: calibrate(_parser().parse_args(argv)))


def calibrate(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    config = from_options(CalibrateConfig, vars(arguments))
    check_given(config)
    tune_malloc()
    from texnet.checkpoint import load_trained, save_checkpoint
    from texnet.devices import choose_device

    device = choose_device(config.device.name)
    for path in config.ckpt:
        content = load_trained(path)
        shape = content["config"]["generator"]
        if shape.get("fixed_noise_factor") or shape.get("no_content"):
            kind = "for one noise factor alone" if shape.get("fixed_noise_factor") else "to make a texture"
            raise UserError(f"--ckpt {path}: trained {kind}; no strength control to calibrate")
        calibration = _measure(path, content, config, device)
        save_checkpoint(Path(path), {**content, "calibration": to_dict(calibration)})
        found = ", ".join(f"{factor:g} -> {calibration.uncalibrated(factor):.3f}" for factor in SHOWN)
        print(f"{path}: calibrated; noise factor -> uncalibrated factor: {found}")
    return 0


def _measure(path: str, content: dict[str, Any], config: CalibrateConfig, device: torch.device) -> Calibration:
    from texnet.checkpoint import restore_generator, restore_loss
    from texnet.devices import choose_precision
    from texnet.training.calibrate import calibrate_on

    trained = from_dict(TrainConfig, content["config"])
    photos = _photos(path, config, trained.data.image_size)
    loss = restore_loss(
        content,
        texture=config.texture,
        vgg_weights=config.vgg_weights,
        device=device,
        dtype=choose_precision(trained.optim.precision, device),
    )
    generator = restore_generator(content).to(device)
    return calibrate_on(photos, generator, loss, trained.generator.max_noise_factor, trained.optim.seed)


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
