"""texnet stylize: stylize files, folders and patterns of pictures with a trained network."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from texnet.cli.allocator import tune_malloc
from texnet.cli.commands import run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import StylizeConfig, check_given, expand_home

if TYPE_CHECKING:
    from texnet.stylize import Stylizer
    from texnet.stylize.refine import Refiner


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, load, stylize, count."""
    run_command(lambda: stylize(_parser().parse_args(argv)))


def stylize(arguments: argparse.Namespace) -> int:
    """The command itself: 0 when every picture was stylized, 1 when some were skipped, 2 when all were."""
    config = from_options(StylizeConfig, vars(arguments))
    check_given(config)
    tune_malloc()
    from tqdm import tqdm

    from texnet.devices import choose_device, choose_precision
    from texnet.stylize import Stylizer
    from texnet.stylize.files import check_noise_factors, plan_outputs, stylize_files
    from texnet.stylize.masks import load_mask

    device = choose_device(config.device.name)
    stylizer = Stylizer.load(config.ckpt, device, choose_precision(config.precision, device))
    mask = load_mask(config.mask) if config.mask else None
    check_noise_factors(stylizer, config, mask)
    skipped: list[str] = []

    def skip(text: str) -> None:
        skipped.append(text)
        tqdm.write(f"skipped {text}", file=sys.stderr)

    pictures = [expand_home(picture) for picture in arguments.pictures] or [_sample_scene(config)]
    outputs = plan_outputs(pictures, config.output, stylizer.style, overwrite=config.overwrite, on_skip=skip, log=print)
    bar = tqdm(outputs.items(), unit="picture", disable=len(outputs) < 2)
    done = stylize_files(_build_refiner(stylizer, config) if config.refine else stylizer, bar, config, skip, mask)
    where = next(iter(outputs.values())) if len(outputs) == 1 else config.output
    print(f"{done} of {done + len(skipped)} pictures stylized: {where}" if done else "no picture could be stylized")
    return 0 if not skipped else 1 if done else 2


def _build_refiner(stylizer: Stylizer, config: StylizeConfig) -> Refiner:
    from tqdm import tqdm

    from texnet.checkpoint import load_trained
    from texnet.stylize.refine import Refiner

    checkpoint = load_trained(config.ckpt)
    loss = checkpoint.loss(texture=config.texture, vgg_weights=config.vgg_weights, device=stylizer.device)
    return Refiner(stylizer, loss, config.refine, on_step=tqdm(unit="step").update)


def _sample_scene(config: StylizeConfig) -> str:
    from texnet.drawing.samples import save_sample_scene
    from texnet.files import names_file

    output = Path(config.output)
    scene = save_sample_scene(output.parent if names_file(config.output) else output, config.seed, overwrite=config.overwrite)
    print(f"no pictures named: here is a drawn one, {scene}")
    return str(scene)


def _parser() -> Parser:
    example = "photo.jpg --ckpt checkpoints/mosaic/style.pt --noise_factor 0 0.5 1"
    parser = Parser("stylize", "Stylize pictures with a trained network.", example=example)
    what = "files, folders, patterns; default: a drawn scene"
    parser.add_argument("pictures", nargs="*", default=[], metavar="PICTURE", help=what)
    add_options(parser, StylizeConfig)
    return parser
