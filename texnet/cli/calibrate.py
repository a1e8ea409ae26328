"""texnet calibrate: measure the strength control of trained networks again, and store the result in their files."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from texnet.cli.allocator import tune_malloc
from texnet.cli.commands import report_skipped, run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import CalibrateConfig, DataConfig, TrainConfig, check_given, from_dict, to_dict
from texnet.errors import UserError

if TYPE_CHECKING:
    import torch

    from texnet.generators.calibration import Calibration

SHOWN = (0.25, 0.5, 0.75)  # noise factors whose calibration is printed


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
            raise UserError(f"--ckpt {path}: trained {kind}; there is nothing to calibrate")
        calibration = _measure(content, config, device)
        save_checkpoint(Path(path), {**content, "calibration": to_dict(calibration)})
        found = ", ".join(f"{factor:g} -> {calibration.uncalibrated(factor):.3f}" for factor in SHOWN)
        print(f"{path}: calibrated; noise factor -> the network's own: {found}")
    return 0


def _measure(content: dict[str, Any], config: CalibrateConfig, device: torch.device) -> Calibration:
    from texnet.checkpoint import restore_generator, restore_loss
    from texnet.data import build_photos
    from texnet.devices import choose_precision
    from texnet.training.calibrate import calibrate_on

    trained = from_dict(TrainConfig, content["config"])
    data = DataConfig(data_dir=config.data_dir, image_size=trained.data.image_size) if config.data_dir else trained.data
    seed = trained.optim.seed
    photos, held_out = build_photos(data, seed=seed, on_unreadable=report_skipped)
    loss = restore_loss(
        content,
        texture=config.texture,
        vgg_weights=config.vgg_weights,
        device=device,
        dtype=choose_precision(trained.optim.precision, device),
    )
    generator = restore_generator(content).to(device)
    chosen = photos if config.data_dir else held_out
    return calibrate_on(chosen, generator, loss, trained.generator.max_noise_factor, seed)


def _parser() -> Parser:
    parser = Parser(
        "calibrate",
        "Measure how strong each noise factor of trained networks is, and store it in their files, so that 0.5 is half-way.",
        example="--ckpt checkpoints/mosaic/style.pt --data_dir photos",
    )
    add_options(parser, CalibrateConfig)
    return parser
