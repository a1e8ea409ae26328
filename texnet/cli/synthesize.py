"""texnet synthesize: as much of a texture as is wanted, from a network that was trained with --no_content."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from texnet.cli.allocator import tune_malloc, use_huge_pages
from texnet.cli.commands import run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import SynthesizeConfig, parse_size
from texnet.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

    from texnet.synthesize import Synthesizer


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, load, paint, say where it is."""
    run_command(lambda: synthesize(_parser().parse_args(argv)))


def synthesize(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    config = from_options(SynthesizeConfig, vars(arguments))
    if not config.ckpt:
        raise UserError("--ckpt is missing: name a trained network, for example checkpoints/red_peppers/style.pt")
    tune_malloc() if config.refine else use_huge_pages()
    from tqdm import tqdm

    from texnet.devices import choose_device, choose_precision
    from texnet.png import save_strips
    from texnet.synthesize import Synthesizer

    device = choose_device(config.device, cuda=config.cuda)
    synthesizer = Synthesizer.load(config.ckpt, device, choose_precision(config.precision, device))
    target = _target(config, synthesizer.style)
    width, height = parse_size(config.size)
    strips: Iterable[Tensor]
    if config.refine:
        strips = _refined(synthesizer, config)
    else:
        plain = synthesizer.strips((height, width), config.seed, tileable=config.tileable)
        strips = tqdm(plain, total=synthesizer.num_strips((height, width)), unit="strip", disable=None)
    save_strips(strips, target, (height, width))
    print(f"{width}x{height} pixels: {target}")
    return 0


def _refined(synthesizer: Synthesizer, config: SynthesizeConfig) -> Iterator[Tensor]:
    """The picture as one strip, made when it is asked for: by then the file that it goes into is open."""
    from tqdm import tqdm

    from texnet.checkpoint import load_trained, restore_loss
    from texnet.synthesize.refine import TextureRefiner

    content, (width, height) = load_trained(config.ckpt), parse_size(config.size)
    loss = restore_loss(content, texture=config.texture, vgg_weights=config.vgg_weights, device=synthesizer.device)
    with tqdm(unit="step", total=config.refine, disable=None) as bar:
        refiner = TextureRefiner(synthesizer, loss, config.refine, bar.update)
        yield refiner((height, width), config.seed, tileable=config.tileable)


def _target(config: SynthesizeConfig, style: str) -> Path:
    """The file to write. FileExistsError where it would be replaced, ValueError where it is no PNG."""
    target = Path(config.output)
    if not target.suffix or target.is_dir():
        marks = ["_tileable"] * config.tileable + [f"_refine-{config.refine}"] * bool(config.refine)
        target = target / f"{style}_{config.size}_seed-{config.seed}{''.join(marks)}.png"
    if target.suffix.lower() != ".png":
        raise UserError(f"--output {target}: only .png can be written piece by piece; use {target.with_suffix('.png')}")
    if target.exists() and not config.overwrite:
        raise FileExistsError(f"{target} exists already: give --overwrite, or another --output")
    return target


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="texnet synthesize",
        description="Make as much of a texture as is wanted, with a network trained by texnet train --no_content.",
        epilog="example: python scripts/synthesize.py --ckpt checkpoints/red_peppers/style.pt --size 2048x1024 --tileable",
        argument_default=argparse.SUPPRESS,
    )
    add_options(parser, SynthesizeConfig)
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
