"""texnet pretrain: learn the beginning that texnet ships, a generator that learned many styles, one after the other."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from texnet.cli.allocator import tune_malloc
from texnet.cli.commands import run_command
from texnet.cli.options import Parser, add_options, from_options, training_options
from texnet.config import OptimConfig, PretrainConfig, TrainConfig
from texnet.errors import UserError

SCRATCH = TrainConfig(optim=OptimConfig(init="scratch"))
# of TrainConfig: what a base has no use for
WITHOUT = (
    *("no_content", "fixed_noise_factor", "compile", "texture", "checkpoint_dir", "run_name"),
    *("checkpoint_every", "keep_epochs", "snapshot_every"),
    *("preview_every", "viz", "viz_server", "viz_port", "viz_env"),
)


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, learn, save."""
    run_command(lambda: pretrain(_parser().parse_args(argv)))


def pretrain(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    base_config = from_options(PretrainConfig, vars(arguments))
    config = training_options({"init": "scratch", **vars(arguments)})
    if not base_config.textures:
        raise UserError("--textures is missing: name style pictures or their folder")
    tune_malloc()
    from texnet.checkpoint import summarize
    from texnet.devices import choose_device, choose_precision
    from texnet.files import expand_paths
    from texnet.monitoring import build_console
    from texnet.pretraining.multi_style import StyleCycle, build_style_targets
    from texnet.training import build_training
    from texnet.training.initialization import pack_pretrained
    from texnet.training.previews import choose_photos
    from texnet.training.training_data import TERM_NORM_PHOTOS

    paths = [path for path, _ in expand_paths(base_config.textures)]
    device = choose_device(config.run.device, cuda=config.run.cuda)
    monitor = build_console(config.run, True)
    config = from_options(TrainConfig, {"texture": str(paths[0])}, config)
    precision = choose_precision(config.optim.precision, device)
    training = build_training(config, Path(base_config.output).parent, monitor, device=device, precision=precision)
    trainer, seed = training.trainer, config.optim.seed
    photos = choose_photos(training.photos, TERM_NORM_PHOTOS, seed, "scales").to(device)
    style_targets = build_style_targets(paths, base_config.num_styles, trainer.loss, photos, seed)
    monitor.message(f"{len(style_targets)} styles out of {len(paths)} pictures, {len(training.photos)} photos")

    def save() -> None:
        summary = summarize(
            training.run.config,
            steps=trainer.step_count,
            seconds=trainer.seconds,
            epochs=trainer.epoch,
            num_photos=len(training.photos),
            losses=trainer.losses,
        )
        pack_pretrained(training.run.config, trainer.generator, summary).save(base_config.output)

    turns = StyleCycle(trainer, style_targets, steps_per_style=base_config.steps_per_style, seed=seed, on_style=save)
    with trainer.loader:
        trainer.fit(turns.after_step)
    save()
    monitor.close()
    print(f"{trainer.step_count} steps: {base_config.output}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="texnet pretrain",
        description="Learn many styles, one after the other, for a generator from which every other is learned sooner.",
        epilog="example: python scripts/pretrain.py --data_dir coco/ --textures styles/ --max_minutes 60 --output base.pt",
        argument_default=argparse.SUPPRESS,
    )
    add_options(parser, PretrainConfig)
    add_options(parser, TrainConfig, SCRATCH, without=WITHOUT)
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
