"""texnet demo: train and stylize in a few minutes, on pictures that need no download."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from texnet.cli.commands import report_skipped, run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import DataConfig, DemoConfig, LossConfig, OptimConfig, RunConfig, StylizeConfig, TrainConfig

STYLIZED = ("astronaut.png", "chelsea.png", "coffee.png", "scene-000.png")
NOISE_FACTORS = (0.0, 0.25, 0.5, 0.75, 1.0)
TEXTURE_SIZE = 512  # pixels


def main(argv: Sequence[str] | None = None) -> None:
    """Draw, train, stylize, print where the pictures are."""
    run_command(lambda: demo(_parser().parse_args(argv)))


def demo(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    config = from_options(DemoConfig, vars(arguments))
    folder = Path(config.output)
    print(f"pictures into {folder / 'photos'}, then {config.minutes:g} minutes of training")
    from texnet.cli.launch import run_training
    from texnet.drawing import save_texture
    from texnet.drawing.samples import save_sample_photos
    from texnet.training.run_folder import new_folder

    photos = save_sample_photos(folder / "photos", log=print)
    texture = config.texture or str(save_texture("stained_glass", folder, TEXTURE_SIZE))
    training = TrainConfig(
        data=DataConfig(data_dir=str(photos)),
        loss=LossConfig(texture=texture),
        optim=OptimConfig(epochs=0, max_minutes=config.minutes),
        run=RunConfig(viz=config.viz),
    )
    run = new_folder(folder, "", "run")
    return run_training(training, run, None) or _stylize(folder, run)


def _stylize(folder: Path, run: Path) -> int:
    from texnet.stylize import Stylizer
    from texnet.stylize.files import stylize_files

    stylizer = Stylizer.load(run / "style.pt")
    photos = [folder / "photos" / name for name in STYLIZED]
    files = [(photo, folder / "stylized" / photo.name) for photo in photos if photo.exists()]
    stylize_files([stylizer], files, StylizeConfig(noise_factor=NOISE_FACTORS, max_size=480), report_skipped)
    factors = ", ".join(f"{factor:g}" for factor in NOISE_FACTORS)
    print(f"photos stylized at noise factors {factors}: {folder / 'stylized'}{os.sep}")
    return 0


def _parser() -> Parser:
    parser = Parser("demo", "Train for a few minutes on pictures that need no download, and stylize some.")
    add_options(parser, DemoConfig)
    return parser
