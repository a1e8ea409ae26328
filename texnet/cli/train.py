"""texnet train: train a generator on photos and one style picture."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from texnet.cli.commands import run_command
from texnet.cli.options import Parser, add_options, resumed_options, training_options
from texnet.config import RunConfig, TrainConfig, expand_home, to_dict
from texnet.errors import UserError

if TYPE_CHECKING:
    from texnet.checkpoint import Checkpoint

NEWEST = "newest"


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, build, train, print where the result is."""
    run_command(lambda: train(_parser().parse_args(argv)))


def train(arguments: argparse.Namespace) -> int:
    """The command itself: 0 when training is done, 1 where pictures were left out, 130 when it was stopped, all saved."""
    textures = _take_textures(arguments)
    latest = _find_latest(arguments)
    if len(textures) > 1 or vars(arguments).get("append_to") or _is_of_styles(latest):
        from texnet.cli.train_styles import train_styles

        return train_styles(arguments, textures, latest)
    config, checkpoint, folder = _config(arguments, latest)
    if arguments.dry_run:
        print(json.dumps(to_dict(config), indent=2))
        return 0
    from texnet.cli.launch import run_training

    return run_training(config, folder, checkpoint)


def _take_textures(arguments: argparse.Namespace) -> list[str]:
    """The style pictures of a command line, patterns expanded; of several only the first stays a setting."""
    from texnet.picture_files import expand_paths

    given = vars(arguments).get("texture", [])
    textures = [str(path) for path, _ in expand_paths(given)] if len(given) > 1 else given
    if textures:
        arguments.texture = textures[0]
    return textures


def _find_latest(arguments: argparse.Namespace) -> Path | None:
    """The checkpoint that --resume names, None without it."""
    if not arguments.resume:
        return None
    from texnet.training.resume import find_checkpoint

    return find_checkpoint(_newest_run(vars(arguments)) if arguments.resume == NEWEST else Path(arguments.resume))


def _is_of_styles(latest: Path | None) -> bool:
    """Whether the run to continue is of several styles."""
    if latest is None:
        return False
    from texnet.multi_style.resume import holds_styles

    return holds_styles(latest)


def _parser() -> Parser:
    parser = Parser(
        "train",
        "Train a small generator on photos and one style picture.",
        example="--data_dir coco/ --texture mosaic.jpg --cuda --viz",
        usage="%(prog)s --data_dir DIR --texture FILE [options]\n       %(prog)s --resume [RUN_DIR] [options]",
    )
    parser.add_argument("--dry_run", action="store_true", default=False, help="print all settings and stop")
    parser.add_argument(
        "--resume",
        metavar="RUN_DIR",
        nargs="?",
        type=expand_home,
        const=NEWEST,
        default="",
        help="continue a run: its folder or a checkpoint; without a value the newest run of that texture. With --run_name or "
        "--checkpoint_dir, and from a checkpoint that is not the newest of its run, it continues in a new folder",
    )
    add_options(parser, TrainConfig)
    texture = next(action for action in parser.required if action.dest == "texture")
    texture.nargs = "+"
    texture.help = "style picture; several are learned by one network together"
    return parser


def _config(arguments: argparse.Namespace, path: Path | None) -> tuple[TrainConfig, Checkpoint | None, Path | None]:
    """The settings, and with --resume, of a checkpoint's file, the checkpoint and its run's folder."""
    given = vars(arguments)
    if path is None:
        return training_options(given), None, None
    from texnet.checkpoint import Checkpoint

    checkpoint = Checkpoint.load(path)
    if checkpoint.resume is None:
        raise UserError(f"--resume {path}: made for stylizing only; resume from the run's folder")
    config = resumed_options(given, checkpoint.resume.config)
    if arguments.resume == NEWEST or _continues_in_place(path, given):
        return config, checkpoint, path.parent
    run = replace(config.run, run_name=given.get("run_name", ""), checkpoint_dir=given.get("checkpoint_dir", _parent_of(path)))
    return replace(config, run=run), checkpoint, None


def _continues_in_place(path: Path, given: dict[str, Any]) -> bool:
    """Whether a checkpoint is the newest of a run, and no other folder is asked for."""
    from texnet.training.resume import is_latest_of_run

    folder = path.parent.resolve()
    asked = Path(given.get("checkpoint_dir", folder.parent), given.get("run_name", folder.name))
    return is_latest_of_run(path) and asked.resolve() == folder


def _parent_of(path: Path) -> str:
    """Where the fork of a checkpoint goes: beside the run that it is of; a file without a run, where runs go."""
    from texnet.checkpoint import SETTINGS

    return str(path.parent.parent) if (path.parent / SETTINGS).is_file() else RunConfig.checkpoint_dir


def _newest_run(given: dict[str, Any]) -> Path:
    from texnet.training.resume import newest_run

    parent = Path(given.get("checkpoint_dir", TrainConfig().run.checkpoint_dir))
    return newest_run(parent, given.get("run_name") or Path(given.get("texture", "")).stem)
