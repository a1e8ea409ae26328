"""texnet synthesize: a texture of any size, from a network that was trained with --no_content."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from texnet.cli.allocator import tune_malloc, use_huge_pages
from texnet.cli.commands import run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import SynthesizeConfig, check_given, parse_size

if TYPE_CHECKING:
    from torch import Tensor

    from texnet.synthesize import Synthesizer


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, load, synthesize, print the file."""
    run_command(lambda: synthesize(_parser().parse_args(argv)))


def synthesize(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    config = from_options(SynthesizeConfig, vars(arguments))
    check_given(config)
    tune_malloc() if config.refine else use_huge_pages()
    from tqdm import tqdm

    from texnet.devices import choose_device, choose_precision
    from texnet.png import save_strips
    from texnet.synthesize import Synthesizer
    from texnet.synthesize.files import plan_output

    device = choose_device(config.device.name)
    synthesizer = Synthesizer.load(config.ckpt, device, choose_precision(config.precision, device))
    target = plan_output(config, synthesizer.style)
    width, height = parse_size(config.size)
    strips: Iterable[Tensor]
    if config.refine:
        strips = _refined_strip(synthesizer, config)
    else:
        plain = synthesizer.strips((height, width), config.seed, tileable=config.tileable)
        strips = tqdm(plain, total=synthesizer.num_strips((height, width)), unit="strip", disable=None)
    save_strips(strips, target, (height, width))
    print(f"{width}x{height} pixels: {target}")
    return 0


def _refined_strip(synthesizer: Synthesizer, config: SynthesizeConfig) -> Iterator[Tensor]:
    """The picture as one strip, made when it is asked for: by then the file that it goes into is open."""
    from tqdm import tqdm

    from texnet.checkpoint import load_trained
    from texnet.synthesize.refine import TextureRefiner

    checkpoint, (width, height) = load_trained(config.ckpt), parse_size(config.size)
    loss = checkpoint.loss(texture=config.texture, vgg_weights=config.vgg_weights, device=synthesizer.device)
    with tqdm(unit="step", total=config.refine, disable=None) as bar:
        refiner = TextureRefiner(synthesizer, loss, config.refine, bar.update)
        yield refiner((height, width), config.seed, tileable=config.tileable)


def _parser() -> Parser:
    parser = Parser(
        "synthesize",
        "Generate a texture of any size with a network trained by texnet train --no_content.",
        example="--ckpt checkpoints/red_peppers/style.pt --size 2048x1024 --tileable",
    )
    add_options(parser, SynthesizeConfig)
    return parser
