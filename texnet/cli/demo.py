"""texnet demo: the whole way in a few minutes, on pictures that need no download."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from texnet.cli.commands import run_command
from texnet.cli.options import Parser
from texnet.config import DataConfig, LossConfig, OptimConfig, RunConfig, StylizeConfig, TrainConfig

SCENES = 60
SAMPLES = ("astronaut", "chelsea", "coffee", "rocket", "motorcycle_left")
TO_PAINT = ("astronaut.png", "chelsea.png", "coffee.png", "scene-000.png")
FACTORS = (0.0, 0.25, 0.5, 0.75, 1.0)


def main(argv: Sequence[str] | None = None) -> None:
    """Draw, train, repaint, say where the pictures are."""
    run_command(lambda: demo(_parser().parse_args(argv)))


def demo(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    folder = Path(arguments.output)
    print(f"pictures into {folder / 'photos'}, then {arguments.minutes:g} minutes of training")
    photos = photo_data(folder / "photos")
    texture = Path(arguments.texture) if arguments.texture else draw_texture(folder / "stained_glass.png")
    from texnet.cli.launch import run_training

    run_folder = folder / "run"
    config = TrainConfig(
        data=DataConfig(data_dir=str(photos)),
        loss=LossConfig(texture=str(texture)),
        optim=OptimConfig(epochs=0, max_minutes=arguments.minutes),
        run=RunConfig(viz=arguments.viz),
    )
    code = run_training(config, run_folder, None)
    if code:
        return code
    return _paint(folder, run_folder)


def _paint(folder: Path, run_folder: Path) -> int:
    from texnet.stylize import Stylizer
    from texnet.stylize.files import repaint_file

    stylizer = Stylizer.load(run_folder / "style.pt")
    painted = folder / "stylized"
    for name in TO_PAINT:
        source = folder / "photos" / name
        if source.exists():
            config = StylizeConfig(noise_factor=FACTORS, max_size=480)
            repaint_file(stylizer, source, painted / f"{source.stem}.png", config, masks={})
    print(f"photos repainted at noise factors {', '.join(f'{f:g}' for f in FACTORS)}: {painted}{os.sep}")
    return 0


def photo_data(folder: Path, num_scenes: int = SCENES) -> Path:
    """Scikit-image's public-domain photos, where it is installed, and drawn scenes, as PNG in a folder."""
    from texnet.drawing import draw_scene
    from texnet.files import write_atomically

    folder.mkdir(parents=True, exist_ok=True)
    for number in range(num_scenes):
        path = folder / f"scene-{number:03d}.png"
        if not path.exists():
            draw_scene(seed=number).save(path)
    try:
        import skimage.data
    except ImportError:
        print("scikit-image is not installed: drawn scenes only")
        return folder
    shelf = Path(skimage.data.__file__).parent
    for found in (path for name in SAMPLES for path in shelf.glob(f"{name}.*")):
        write_atomically(folder / found.name, found.read_bytes())
    return folder


def draw_texture(path: Path) -> Path:
    """Draw the stained glass that the demo paints with."""
    from texnet.drawing import draw_mosaic

    path.parent.mkdir(parents=True, exist_ok=True)
    draw_mosaic().save(path)
    return path


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="texnet demo", description="Train for a few minutes on pictures that need no download, and repaint some."
    )
    parser.add_argument("--minutes", type=float, default=6.0, help="minutes of training (default: 6)")
    parser.add_argument("--output", default="demo", metavar="DIR", help="folder for everything (default: demo)")
    parser.add_argument("--texture", default="", metavar="FILE", help="style picture; default: a drawn stained glass")
    parser.add_argument("--viz", action="store_true", help="show the training in Visdom")
    return parser
