"""texnet train with several style pictures: one network for all of them; and with --append_to, a style more."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from texnet.cli.allocator import tune_malloc
from texnet.cli.launch import STOPPED, stop_on_signals
from texnet.cli.options import resumed_options, training_options
from texnet.config import TrainConfig, require, to_dict
from texnet.errors import UserError

if TYPE_CHECKING:
    from texnet.multi_style.resume import MultiStyleRun

NOT_FOR_STYLES = ("no_content", "fixed_noise_factor", "compile", "diversity_weight", "steady_weight", "snapshot_every")


def train_styles(arguments: argparse.Namespace, textures: Sequence[str], latest: Path | None) -> int:
    """The command itself, with the checkpoint of --resume; exit codes as of one style."""
    given = vars(arguments)
    require(int(os.environ.get("WORLD_SIZE", "1")) == 1, "torchrun: several styles in one network train in one process")
    for name in NOT_FOR_STYLES:
        require(not given.get(name), f"--{name}: not for several styles in one network")
    run = _read_run(latest)
    config = resumed_options(given, run.config) if run else training_options(given)
    if arguments.dry_run:
        print(json.dumps({**to_dict(config), "textures": [*textures]}, indent=2))
        return 0
    tune_malloc()
    return (
        _append(config, textures)
        if config.styles.append_to
        else _train(config, textures, run, latest.parent if latest else None)
    )


def _train(config: TrainConfig, textures: Sequence[str], run: MultiStyleRun | None, folder: Path | None) -> int:
    from texnet.devices import choose_device
    from texnet.monitoring import build_console
    from texnet.multi_style import fit_styles
    from texnet.multi_style.build import read_pictures
    from texnet.multi_style.saving import STYLES_FILE
    from texnet.training.run_folder import new_folder, release_if_empty

    device = choose_device(config.run.device.name)
    pictures = read_pictures(textures, config.loss.style_size) if textures else {}
    if run:
        known, named = ", ".join(run.pictures), ", ".join(pictures)
        require(named in ("", known), f"--texture: this run learns {known}, not {named}; start a new run to change it")
        pictures = {**run.pictures}
    if folder is None:
        folder = new_folder(Path(config.run.checkpoint_dir), config.run.run_name, config.loss.texture)
    with stop_on_signals() as stop:
        try:
            result = fit_styles(
                config,
                pictures,
                folder,
                device=device,
                monitor=build_console(config.run, is_main=True),
                stop_requested=stop.is_set,
                resume=run,
            )
        finally:
            release_if_empty(folder)
    if not result.done:
        print(f"stopped at step {result.steps}, saved; continue with: texnet train --resume {folder}")
        return STOPPED
    name = next(iter(pictures))
    print(f"{result.steps} steps; stylize with: texnet stylize --ckpt {folder / STYLES_FILE} --style {name} photo.jpg")
    return 1 if result.unreadable else 0


def _append(config: TrainConfig, textures: Sequence[str]) -> int:
    from texnet.devices import choose_device
    from texnet.monitoring import build_console
    from texnet.multi_style import append_style

    if len(textures) > 1:
        raise UserError("--append_to: one style picture at a time")
    device, path = choose_device(config.run.device.name), config.styles.append_to
    monitor = build_console(config.run, is_main=True)
    with stop_on_signals() as stop:
        result = append_style(config, device=device, monitor=monitor, stop_requested=stop.is_set)
    monitor.close()
    if not result.done:
        print(f"stopped; {path} is as it was")
        return STOPPED
    print(f"{result.steps} steps; stylize with: texnet stylize --ckpt {path} --style {Path(textures[0]).stem} photo.jpg")
    return 1 if result.unreadable else 0


def _read_run(latest: Path | None) -> MultiStyleRun | None:
    if latest is None:
        return None
    from texnet.multi_style.resume import read_run

    return read_run(latest)
