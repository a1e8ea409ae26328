"""texnet optimize: stylize one photo by optimizing its pixels, slowly and without training (Gatys et al. 2016)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from texnet.cli.allocator import tune_malloc
from texnet.cli.commands import run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import LossConfig, OptimizeConfig, check_given

if TYPE_CHECKING:
    from torch import Tensor

    from texnet.images import Picture
    from texnet.optimize import Step

CLASSICAL = LossConfig(preset="gatys")
SHEET_SIZE = 384  # long side of a snapshot in the contact sheet, pixels


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, optimize, save."""
    run_command(lambda: optimize(_parser().parse_args(argv)))


def optimize(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    config = from_options(OptimizeConfig, vars(arguments))
    loss_config = from_options(LossConfig, vars(arguments), CLASSICAL)
    check_given(config)
    check_given(loss_config)
    tune_malloc()
    from texnet.devices import choose_device, choose_precision
    from texnet.images import load_picture, save_stylized
    from texnet.losses import resolve_features
    from texnet.optimize import build_optimization

    target = _target(config, loss_config)
    loss_config = resolve_features(loss_config, print)
    device = choose_device(config.device.name)
    precision = choose_precision(config.precision, device)
    original = load_picture(config.content)
    steps = build_optimization(config, loss_config, original.image, device=device, dtype=precision)
    last, snapshots = _follow(steps, config, original, target)
    save_stylized([last.image], target, original)
    if snapshots:
        _save_sheet({0: original.image, **snapshots, last.number: last.image}, target)
    print(f"{last.number} steps, loss {last.loss:.4g}: {target}")
    return 0


def _target(config: OptimizeConfig, loss_config: LossConfig) -> Path:
    """The file that is named, or PHOTO_STYLE.png in the folder; UserError or FileExistsError where it cannot be written."""
    from texnet.files import exists, names_file
    from texnet.images import check_writable

    target = Path(config.output)
    if names_file(config.output):
        check_writable(target)
    else:
        target = target / f"{Path(config.content).stem}_{Path(loss_config.texture).stem}.png"
    if exists(target) and not config.overwrite:
        raise FileExistsError(f"{target} exists already: give --overwrite, or another --output")
    return target


def _follow(steps: Iterator[Step], config: OptimizeConfig, original: Picture, target: Path) -> tuple[Step, dict[int, Tensor]]:
    """Show the losses, save snapshots; the last step and the snapshots on the way, reduced for the sheet."""
    from tqdm import tqdm

    from texnet.images import limit_size, save_stylized
    from texnet.monitoring.base import totals

    snapshots: dict[int, Tensor] = {}
    with tqdm(total=config.steps, unit="step", file=sys.stderr) as bar:
        for step in steps:
            values = totals(step.terms)
            bar.set_postfix({name: f"{values[name]:.4g}" for name in ("loss", "content", "style", "tv") if name in values})
            bar.update(step.number - bar.n)
            if config.snapshot_every and step.number % config.snapshot_every == 0 and 0 < step.number < config.steps:
                save_stylized([step.image], target.with_name(f"{target.stem}-{step.number:04d}{target.suffix}"), original)
                snapshots[step.number] = limit_size(step.image, SHEET_SIZE).cpu()
    return step, snapshots


def _save_sheet(images: dict[int, Tensor], target: Path) -> None:
    from texnet.images import resize_long, save_image
    from texnet.reporting.contact_sheet import contact_sheet

    cells = [[resize_long(image.cpu(), SHEET_SIZE) for image in images.values()]]
    captions = [f"step {number}" if number else "photo" for number in images]
    save_image(contact_sheet(cells, captions), target.with_name(f"{target.stem}-sheet.png"), is_result=True)


def _parser() -> Parser:
    parser = Parser(
        "optimize",
        "Stylize one photo by optimizing its pixels: minutes instead of seconds, and nothing to train.",
        example="--content photo.jpg --texture starry_night.jpg",
    )
    add_options(parser, OptimizeConfig)
    add_options(
        parser,
        LossConfig,
        CLASSICAL,
        without=(
            "diversity_weight",
            "steady_weight",
        ),
    )
    return parser
