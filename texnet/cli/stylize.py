"""texnet stylize: stylize files, folders and patterns of pictures, and videos, with a trained network."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from texnet.cli.allocator import tune_malloc
from texnet.cli.choose_style import choose_styles, is_style
from texnet.cli.commands import run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.cli.videos import check_flags, stylize_videos, take_videos
from texnet.config import StylizeConfig, expand_home, require
from texnet.config.fields import NAME_A_NETWORK
from texnet.files import exists
from texnet.shipped import NETWORK_SUFFIXES, STYLE_MARK, named_network

if TYPE_CHECKING:
    from texnet.stylize import StylizeFn, Stylizer
    from texnet.stylize.refine import Refiner

NOTHING_TO_PAINT_BY = f"--ckpt is missing: {NAME_A_NETWORK}, or any style picture with --texture for an untrained preview"
BAR = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}, {remaining} left"
PATH_LETTERS = set("./\\*?[")  # which categories do not have


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, load, stylize, count."""
    run_command(lambda: stylize(_parser().parse_args(argv)))


def stylize(arguments: argparse.Namespace) -> int:
    """The command itself: 0 when every picture was stylized, 1 when some were skipped, 2 when all were."""
    pictures = _take_pictures(arguments)
    config = from_options(StylizeConfig, vars(arguments))
    config = replace(config, ckpt=choose_styles(config.ckpt, config.style), style=())
    require(bool(config.ckpt or config.texture), NOTHING_TO_PAINT_BY)
    videos = take_videos(pictures, config)
    if videos:
        check_flags(config)
    tune_malloc()
    from tqdm import tqdm

    from texnet.devices import choose_device, choose_precision
    from texnet.stylize import Stylizer
    from texnet.stylize.files import check_noise_factors, plan_outputs, stylize_files
    from texnet.stylize.large_files import LargePictures
    from texnet.stylize.mask_sources import build_masks

    device = choose_device(config.device.name)
    precision = choose_precision(config.precision, device)
    networks = [Stylizer.load(path, device, precision) for path in config.ckpt]
    if not networks:
        networks = [Stylizer.untrained(config.texture, device, precision)]
        print(f"an untrained preview of {config.texture}; texnet train --texture {config.texture} learns the style")
    masks = build_masks(config, print)
    if videos:
        return stylize_videos(videos, networks, config, masks)
    check_noise_factors(networks, config, masks)
    skipped: list[str] = []

    def skip(text: str) -> None:
        skipped.append(text)
        tqdm.write(f"skipped {text}", file=sys.stderr)

    pictures = pictures or [_sample_scene(config)]
    style = "-".join(network.style for network in networks)
    outputs = plan_outputs(pictures, config.output, style, overwrite=config.overwrite, on_skip=skip, log=print)
    bar = tqdm(outputs.items(), unit="picture", disable=len(outputs) < 2)
    stylizers = [_add_stages(network, path, config) for network, path in zip(networks, config.ckpt or ("",), strict=True)]
    large = LargePictures(networks, config, _progress, tqdm.write)
    done = stylize_files(stylizers, bar, config, skip, masks, large)
    where = next(iter(outputs.values())) if len(outputs) == 1 else config.output
    print(f"{done} of {done + len(skipped)} pictures stylized: {where}" if done else "no picture could be stylized")
    return 0 if not skipped else 1 if done else 2


def _take_pictures(arguments: argparse.Namespace) -> list[str]:
    """The pictures of a command line, those too that stand behind a flag that takes several values, as all words there are its.

    A network behind the first ends in .pt or .pth, or is the name of a run or style. There are as many masks as networks. A
    category or a style is no path.
    """
    given = vars(arguments)
    networks, masks, categories, styles = (given.get(name, []) for name in ("ckpt", "mask", "categories", "style"))
    is_mine = [
        (networks, [place == 0 or _is_network(word) for place, word in enumerate(networks)]),
        (styles, [place == 0 or is_style(word) for place, word in enumerate(styles)]),
        (categories, [place == 0 or not set(word) & PATH_LETTERS for place, word in enumerate(categories)]),
    ]
    pictures = [word for words, mine in is_mine for word, own in zip(words, mine, strict=True) if not own]
    for words, mine in is_mine:
        words[:] = [word for word, own in zip(words, mine, strict=True) if own and word]
    count = max(1, len(networks))
    pictures += masks[count:]
    del masks[count:]
    return [expand_home(picture) for picture in [*pictures, *arguments.pictures]]


def _is_network(word: str) -> bool:
    is_file = word.endswith(NETWORK_SUFFIXES) or any(f"{suffix}{STYLE_MARK}" in word for suffix in NETWORK_SUFFIXES)
    return is_file or (not exists(word) and bool(named_network(word.partition(STYLE_MARK)[0])))


def _add_stages(network: Stylizer, path: str, config: StylizeConfig) -> StylizeFn:
    """A network, and what follows it."""
    from texnet.stylize import ColorKeeper, Panorama, StrokeScaler

    stylizer: StylizeFn = _build_refiner(network, path, config) if config.refine else network
    if config.projection == "equirectangular":
        stylizer = Panorama(network)
    if config.stroke_size != 1:
        stylizer = StrokeScaler(network, config.stroke_size)
    return ColorKeeper(stylizer, config.keep_colors) if config.keep_colors else stylizer


def _progress(total: float) -> Callable[[float], object]:
    """A bar over a picture's tiles, with the time that is left."""
    from tqdm import tqdm

    return tqdm(total=total, desc="tiles", bar_format=BAR, mininterval=1).update


def _build_refiner(stylizer: Stylizer, path: str, config: StylizeConfig) -> Refiner:
    from tqdm import tqdm

    from texnet.checkpoint import load_trained
    from texnet.stylize.refine import Refiner

    checkpoint = load_trained(path)
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
    parser = Parser("stylize", "Stylize pictures and videos with a trained network.", example=example)
    what = "pictures or videos: files, folders, patterns; default: a drawn scene"
    parser.add_argument("pictures", nargs="*", default=[], metavar="PICTURE", help=what)
    add_options(parser, StylizeConfig)
    return parser
