"""texnet base: learn the beginning that texnet ships, a generator that learnt many styles, one after the other."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from texnet.cli import run_command
from texnet.cli.options import Parser, add_options, from_options, training_options
from texnet.cli.runtime import keep_memory
from texnet.config import BaseConfig, OptimConfig, TrainConfig

SCRATCH = TrainConfig(optim=OptimConfig(init="scratch"))
# of TrainConfig: what a base has no use for
WITHOUT = (
    *("no_content", "only_factor", "compile", "texture", "checkpoint_dir", "run_name"),
    *("checkpoint_every", "keep_epochs", "keep_every"),
    *("preview_every", "viz", "viz_server", "viz_port", "viz_env"),
)


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, learn, save."""
    run_command(lambda: base(_parser().parse_args(argv)))


def base(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    base_config = from_options(BaseConfig, vars(arguments))
    config = training_options({"init": "scratch", **vars(arguments)})
    if not base_config.textures:
        raise ValueError("--textures is missing: name style pictures or their folder")
    keep_memory()
    from texnet.checkpoint import save_checkpoint
    from texnet.devices import choose_device, choose_precision
    from texnet.files import expand_paths
    from texnet.monitoring import build_terminal
    from texnet.training import build_training
    from texnet.training.begin import pack_base
    from texnet.training.material import SCALE_PHOTOS
    from texnet.training.previews import choose_photos
    from texnet.training.styles import StylesInTurn, build_tasks

    paths = [path for path, _ in expand_paths(base_config.textures)]
    device = choose_device(config.run.device, cuda=config.run.cuda)
    monitor = build_terminal(config.run, True)
    config = from_options(TrainConfig, {"texture": str(paths[0])}, config)
    precision = choose_precision(config.optim.precision, device)
    training = build_training(config, Path(base_config.output).parent, monitor, device=device, precision=precision)
    trainer, seed = training.trainer, config.optim.seed
    photos = choose_photos(training.photos, SCALE_PHOTOS, seed, "scales").to(device)
    tasks = build_tasks(paths, base_config.num_tasks, trainer.loss, photos, seed)
    monitor.message(f"{len(tasks)} styles out of {len(paths)} pictures, {len(training.photos)} photos")

    def save() -> None:
        content = pack_base(training.run.config, trainer.generator, trainer.step_count)
        save_checkpoint(Path(base_config.output), content)

    turns = StylesInTurn(trainer, tasks, task_steps=base_config.task_steps, seed=seed, on_task=save)
    with trainer.loader:
        trainer.fit(turns.after_step)
    save()
    monitor.close()
    print(f"{trainer.step_count} steps: {base_config.output}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="texnet base",
        description="Learn many styles, one after the other, for a generator from which every other is learnt sooner.",
        epilog="example: python scripts/base.py --data_dir coco/ --textures styles/ --max_minutes 60 --output base.pt",
        argument_default=argparse.SUPPRESS,
    )
    add_options(parser, BaseConfig)
    add_options(parser, TrainConfig, SCRATCH, without=WITHOUT)
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
