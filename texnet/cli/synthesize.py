"""texnet synthesize: a texture of any size, from a network that was trained with --no_content."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from texnet.cli.allocator import tune_malloc, use_huge_pages
from texnet.cli.commands import run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import DataConfig, LossConfig, SynthesizeConfig, parse_size
from texnet.config.fields import require

if TYPE_CHECKING:
    from torch import Tensor

    from texnet.synthesize import Synthesizer

NOTHING_TO_MAKE = (
    "--ckpt is missing: name a network trained with --no_content, for example checkpoints/red_peppers/style.pt, or any picture "
    "with --texture for an untrained preview"
)


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, load, synthesize, print the file."""
    run_command(lambda: synthesize(_parser().parse_args(argv)))


def synthesize(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    config = from_options(SynthesizeConfig, vars(arguments))
    require(bool(config.ckpt or config.texture), NOTHING_TO_MAKE)
    tune_malloc() if config.refine else use_huge_pages()
    from tqdm import tqdm

    from texnet.devices import choose_device, choose_precision
    from texnet.png import save_strips
    from texnet.synthesize import Synthesizer
    from texnet.synthesize.files import plan_output

    device = choose_device(config.device.name)
    precision = choose_precision(config.precision, device)
    if config.ckpt:
        synthesizer = Synthesizer.load(config.ckpt, device, precision)
    else:
        synthesizer = Synthesizer.untrained(config.texture, config.style_size, device, precision)
        print(f"an untrained preview of {config.texture}; texnet train --no_content --texture {config.texture} learns it")
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
    from texnet.synthesize.refine import TextureRefiner, build_texture_loss

    width, height = parse_size(config.size)
    if config.ckpt:
        checkpoint, device = load_trained(config.ckpt), synthesizer.device
        loss = checkpoint.loss(texture=config.texture, vgg_weights=config.vgg_weights, device=device)
    else:
        loss_config = LossConfig(texture=config.texture, style_size=config.style_size, vgg_weights=config.vgg_weights)
        loss = build_texture_loss(loss_config, synthesizer.device, DataConfig.image_size)
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
