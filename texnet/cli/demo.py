"""texnet demo: train for a few minutes on pictures that need no download, and stylize some."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from texnet.cli.commands import run_command
from texnet.cli.options import Parser
from texnet.config import DataConfig, LossConfig, OptimConfig, RunConfig, StylizeConfig, TrainConfig

NUM_SCENES = 60
SAMPLES = ("astronaut", "chelsea", "coffee", "rocket", "motorcycle_left")  # of scikit-image, in the public domain
TO_STYLIZE = ("astronaut.png", "chelsea.png", "coffee.png", "scene-000.png")
FACTORS = (0.0, 0.25, 0.5, 0.75, 1.0)


def main(argv: Sequence[str] | None = None) -> None:
    """Draw, train, stylize, say where the pictures are."""
    run_command(lambda: demo(_parser().parse_args(argv)))


def demo(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    folder = Path(arguments.output)
    print(f"pictures into {folder / 'photos'}, then {arguments.minutes:g} minutes of training")
    write_photos(folder / "photos")
    from texnet.cli.launch import run_training
    from texnet.drawing import save_texture

    texture = arguments.texture or save_texture("stained_glass", folder, size=512)
    config = TrainConfig(
        data=DataConfig(data_dir=str(folder / "photos")),
        loss=LossConfig(texture=str(texture)),
        optim=OptimConfig(epochs=0, max_minutes=arguments.minutes),
        run=RunConfig(viz=arguments.viz),
    )
    return run_training(config, folder / "run", None) or _stylize(folder)


def write_photos(folder: Path, num_scenes: int = NUM_SCENES) -> None:
    """Write drawn scenes into a folder, as PNG, and the sample photos of scikit-image where that is installed."""
    from texnet.drawing import save_scenes
    from texnet.files import write_atomically

    save_scenes(folder, num_scenes)
    try:
        import skimage.data
    except ImportError:
        print("scikit-image is not installed: drawn scenes only")
        return
    package = Path(skimage.data.__file__).parent
    for found in (path for name in SAMPLES for path in package.glob(f"{name}.*")):
        write_atomically(folder / found.name, found.read_bytes())


def _stylize(folder: Path) -> int:
    from texnet.stylize import Stylizer
    from texnet.stylize.files import repaint_file

    stylizer, output = Stylizer.load(folder / "run" / "style.pt"), folder / "stylized"
    config = StylizeConfig(noise_factor=FACTORS, max_size=480)
    for source in (folder / "photos" / name for name in TO_STYLIZE):
        if source.exists():
            repaint_file(stylizer, source, output / f"{source.stem}.png", config, masks={})
    print(f"photos stylized at noise factors {', '.join(f'{f:g}' for f in FACTORS)}: {output}{os.sep}")
    return 0


def _parser() -> argparse.ArgumentParser:
    description = "Train for a few minutes on pictures that need no download, and stylize some."
    parser = Parser(prog="texnet demo", description=description)
    parser.add_argument("--minutes", type=float, default=6.0, help="minutes of training (default: 6)")
    parser.add_argument("--output", default="demo", metavar="DIR", help="folder for everything (default: demo)")
    parser.add_argument("--texture", default="", metavar="FILE", help="style picture; default: a drawn stained glass")
    parser.add_argument("--viz", action="store_true", help="show the training in Visdom")
    return parser
