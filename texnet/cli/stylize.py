"""texnet stylize: repaint files, folders and patterns of pictures with a trained network."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from texnet.cli.allocator import tune_malloc
from texnet.cli.commands import run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import StylizeConfig
from texnet.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

    from texnet.stylize import Stylizer
    from texnet.stylize.masks import StylizeFn
    from texnet.stylize.refine import Refiner


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, load, repaint, count."""
    run_command(lambda: stylize(_parser().parse_args(argv)))


def stylize(arguments: argparse.Namespace) -> int:
    """The command itself: 0 when every picture was repainted, 1 when some could not be read, 2 when none could."""
    config = from_options(StylizeConfig, vars(arguments))
    if not config.ckpt:
        raise UserError("--ckpt is missing: name a trained network, for example checkpoints/mosaic/style.pt")
    tune_malloc()
    from texnet.devices import choose_device, choose_precision
    from texnet.stylize import Stylizer
    from texnet.stylize.files import plan_outputs
    from texnet.stylize.masks import load_masks

    device = choose_device(config.device, cuda=config.cuda)
    stylizer = Stylizer.load(config.ckpt, device, choose_precision(config.precision, device))
    masks = load_masks(config.noise_factor)
    for factor in config.noise_factor:
        stylizer.check_noise_factor(masks[factor].max().item() if isinstance(factor, str) else factor)
    pictures = arguments.pictures or [_drawn_scene(config)]
    outputs = plan_outputs(pictures, config.output, stylizer.style, overwrite=config.overwrite)
    return _repaint_all(_refined(stylizer, config) if config.refine else stylizer, outputs, config, masks)


def _refined(stylizer: Stylizer, config: StylizeConfig) -> Refiner:
    from tqdm import tqdm

    from texnet.checkpoint import load_trained, restore_loss
    from texnet.stylize.refine import Refiner

    content = load_trained(config.ckpt)
    loss = restore_loss(content, texture=config.texture, vgg_weights=config.vgg_weights, device=stylizer.device)
    bar = tqdm(unit="step")
    return Refiner(stylizer, loss, config.refine, on_step=bar.update)


def _drawn_scene(config: StylizeConfig) -> str:
    """A picture to show the style on where none was named."""
    from texnet.drawing import draw_scene
    from texnet.files import write_atomically

    folder = Path(config.output) if not Path(config.output).suffix else Path(config.output).parent
    buffer = BytesIO()
    draw_scene(512, config.seed).save(buffer, "PNG")
    scene, drawn = folder / "scene.png", buffer.getvalue()
    if scene.exists() and scene.read_bytes() != drawn and not config.overwrite:
        raise FileExistsError(f"no pictures named, and where a drawn one would go there is another, {scene}: give --overwrite")
    write_atomically(scene, drawn)
    print(f"no pictures named: here is a drawn one, {scene}")
    return str(scene)


def _repaint_all(painter: StylizeFn, outputs: dict[Path, Path], config: StylizeConfig, masks: dict[str, Tensor]) -> int:
    import torch
    from tqdm import tqdm

    from texnet.errors import TooLargeError, UnreadablePictureError
    from texnet.stylize.files import repaint_file

    done = 0
    bar = tqdm(outputs.items(), unit="picture", disable=len(outputs) < 2)
    for source, target in bar:
        try:
            repaint_file(painter, source, target, config, masks)
            done += 1
        except UnreadablePictureError as error:
            tqdm.write(f"skipped {error}", file=sys.stderr)
        except TooLargeError as error:
            tqdm.write(f"skipped {source}: {error}", file=sys.stderr)
        except torch.OutOfMemoryError:
            tqdm.write(f"skipped {source}: the card's memory is too small; use --max_size, or --device cpu", file=sys.stderr)
    where = next(iter(outputs.values())) if len(outputs) == 1 else config.output
    print(f"{done} of {len(outputs)} pictures repainted: {where}" if done else "no picture could be repainted")
    return 0 if done == len(outputs) else 1 if done else 2


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="texnet stylize",
        description="Repaint pictures with a trained network.",
        epilog="example: python scripts/stylize.py --ckpt checkpoints/mosaic/style.pt photo.jpg --noise_factor 0 0.5 1",
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument(
        "pictures", nargs="*", default=[], metavar="PICTURE", help="files, folders, patterns; none: a drawn sample scene"
    )
    add_options(parser, StylizeConfig)
    return parser
