"""texnet pretrain: train the generator that other trainings start from, on many styles one after the other."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from texnet.cli.allocator import tune_malloc
from texnet.cli.commands import run_command
from texnet.cli.options import Parser, add_options, from_options, training_options
from texnet.config import OptimConfig, PretrainConfig, TrainConfig, check_given

FROM_SCRATCH = TrainConfig(optim=OptimConfig(init="scratch"))
# flags of TrainConfig that do not apply to pretraining
WITHOUT = (
    *("fixed_noise_factor", "compile", "texture", "checkpoint_dir", "run_name", "credit"),
    *("checkpoint_every", "keep_epochs", "snapshot_every"),
    *("style_rank", "append_to", "match_colors", "steady_weight", "diversity_weight"),
    *("preview_every", "viz", "viz_server", "viz_port", "viz_env"),
)


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, train, save."""
    run_command(lambda: pretrain(_parser().parse_args(argv)))


def pretrain(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    pretrain_config = from_options(PretrainConfig, vars(arguments))
    config = training_options({"init": "scratch", **vars(arguments)})
    check_given(pretrain_config)
    tune_malloc()
    from texnet.devices import choose_device
    from texnet.monitoring import build_console
    from texnet.pretraining.multi_style import pretrain_generator

    device = choose_device(config.run.device.name)
    monitor = build_console(config.run, is_main=True)
    steps = pretrain_generator(pretrain_config, config, monitor, device)
    monitor.close()
    print(f"{steps} steps: {pretrain_config.output}")
    return 0


def _parser() -> Parser:
    parser = Parser(
        "pretrain",
        "Train a generator that reads style pictures, on many styles at once: trainings start from it.",
        example="--data_dir coco/ --textures styles/ --max_minutes 60 --output pretrained.pt",
    )
    add_options(parser, PretrainConfig)
    add_options(parser, TrainConfig, FROM_SCRATCH, without=WITHOUT)
    return parser
