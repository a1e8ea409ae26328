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
STRIP = StylizeConfig(noise_factor=(0.0, 0.25, 0.5, 0.75, 1.0), max_size=480)
TEXTURE_SIZE = 512  # pixels
FIRST_STYLES = ("starry_night", "wave", "mosaic")  # of the shipped ones, or the first others where these are not there
SHOWN_SIZE = 384  # pixels: the long side of the photo painted in them


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

    photos = save_sample_photos(folder / "photos", num_scenes=1, log=print)
    texture = config.texture or str(save_texture("stained_glass", folder, TEXTURE_SIZE))
    show_shipped(folder)
    _first_look(folder, texture)
    save_sample_photos(photos)
    training = TrainConfig(
        data=DataConfig(data_dir=str(photos)),
        loss=LossConfig(texture=texture),
        optim=OptimConfig(epochs=0, max_minutes=config.minutes),
        run=RunConfig(viz=config.viz),
    )
    run = new_folder(folder, "", "run")
    return run_training(training, run, None) or _stylize(folder, run)


def show_shipped(folder: Path) -> None:
    """Paint one photo in three of the styles that come with texnet, where they are installed."""
    from texnet.shipped import shipped_styles

    installed = shipped_styles()
    names = sorted(installed, key=lambda name: (name not in FIRST_STYLES, name))[: len(FIRST_STYLES)]
    if not names:
        return
    from texnet.images import limit_size, load_image, save_image
    from texnet.reporting.contact_sheet import contact_sheet
    from texnet.stylize import Stylizer

    photo = limit_size(load_image(_photos(folder)[0]), SHOWN_SIZE)
    painted = [Stylizer.load(installed[name])(photo) for name in names]
    target = folder / "three_styles.png"
    save_image(contact_sheet([[photo, *painted]], ["photo", *names]), target, is_result=True)
    print(f"in {', '.join(names)}, which come with texnet: {target}")


def _first_look(folder: Path, texture: str) -> None:
    """Paint one photo as the pretrained generator reads the style, so that there is something to see within seconds."""
    from texnet.stylize import Stylizer
    from texnet.stylize.files import stylize_files

    target = folder / "first_look.png"
    stylize_files([Stylizer.untrained(texture)], [(_photos(folder)[0], target)], STRIP, report_skipped)
    print(f"before any training: {target}")


def _stylize(folder: Path, run: Path) -> int:
    from texnet.stylize import Stylizer
    from texnet.stylize.files import stylize_files

    files = [(photo, folder / "stylized" / photo.name) for photo in _photos(folder)]
    stylize_files([Stylizer.load(run / "style.pt")], files, STRIP, report_skipped)
    factors = ", ".join(f"{factor:g}" for factor in STRIP.noise_factor)
    print(f"photos stylized at noise factors {factors}: {folder / 'stylized'}{os.sep}")
    return 0


def _photos(folder: Path) -> list[Path]:
    """Those that are shown and lie there, the best first."""
    return [photo for photo in (folder / "photos" / name for name in STYLIZED) if photo.exists()]


def _parser() -> Parser:
    parser = Parser("demo", "Train for a few minutes on pictures that need no download, and stylize some.")
    add_options(parser, DemoConfig)
    return parser
