"""texnet evaluate: measure trained networks, ours and others', by one yardstick."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from texnet.cli import run_command, tell_skipped
from texnet.cli.options import Parser, add_options, from_options
from texnet.cli.runtime import keep_memory
from texnet.config import EvaluateConfig, LossConfig

if TYPE_CHECKING:
    import torch
    from tqdm import tqdm


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, measure, write, print the table."""
    run_command(lambda: evaluate(_parser().parse_args(argv)))


def evaluate(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    config = from_options(EvaluateConfig, vars(arguments))
    loss_config = from_options(LossConfig, vars(arguments))
    if not (config.ckpt or config.runs):
        raise ValueError("--ckpt is missing: name one network or more, for example checkpoints/mosaic/style.pt")
    if Path(config.output).is_file():
        raise FileExistsError(f"--output {config.output}: a file; name a folder")
    keep_memory()
    _require_extra()
    from texnet.devices import choose_device
    from texnet.evaluation.textures import is_texture
    from texnet.losses import settle_features

    loss_config = settle_features(loss_config, print)
    device = choose_device(config.device, cuda=config.cuda)
    kinds = {is_texture(path) for path in config.ckpt}
    if len(kinds) == 2:
        raise ValueError("--ckpt: networks that make textures and such that repaint photos are measured apart; give one kind")
    measure = _runs if config.runs else _textures if kinds == {True} else _networks
    print(f"{measure(config, loss_config, device)}\n\nwritten into {config.output}")
    return 0


def _networks(config: EvaluateConfig, loss_config: LossConfig, device: torch.device) -> str:
    import torch
    from tqdm import tqdm

    from texnet.evaluation import build_yardstick
    from texnet.evaluation import evaluate as measure
    from texnet.evaluation.painters import load_painter
    from texnet.evaluation.report import report_networks

    for path in config.ckpt:
        blank = torch.zeros(1, 3, 64, 64)
        load_painter(path, device).paint(blank, config.noise_factor, 0)  # a mistake shows before the hours of optimisation
    with _optimising(config) as bar:
        yardstick = build_yardstick(config, loss_config, device, on_unreadable=tell_skipped, on_step=bar.update)
    results = [measure(path, yardstick, config, device) for path in tqdm(list(config.ckpt), unit="network")]
    head = f"{len(yardstick.photos)} photos, {config.image_size} pixels, noise factor {config.noise_factor:g}"
    return f"{head}\n\n{report_networks(results, yardstick, config, loss_config)}"


def _textures(config: EvaluateConfig, loss_config: LossConfig, device: torch.device) -> str:
    from tqdm import tqdm

    from texnet.evaluation.report import report_textures
    from texnet.evaluation.textures import build_texture_yardstick, evaluate_texture

    with _optimising(config) as bar:
        yardstick = build_texture_yardstick(config, loss_config, device, bar.update)
    results = [evaluate_texture(path, yardstick, config, device) for path in tqdm(list(config.ckpt), unit="network")]
    head = f"{config.num_seeds} seeds, {config.image_size} pixels"
    return f"{head}\n\n{report_textures(results, config, loss_config)}"


def _runs(config: EvaluateConfig, loss_config: LossConfig, device: torch.device) -> str:
    from tqdm import tqdm

    from texnet.evaluation import build_yardstick
    from texnet.evaluation.report import report_runs
    from texnet.evaluation.runs import measure_run

    yardstick = build_yardstick(config, loss_config, device, on_unreadable=tell_skipped)
    runs = [measure_run(folder, yardstick, config, device) for folder in tqdm(list(config.runs), unit="run")]
    head = f"{len(yardstick.photos)} photos, {config.image_size} pixels, noise factor {config.noise_factor:g}"
    return f"{head}\n\n{report_runs(runs, config, loss_config)}"


def _optimising(config: EvaluateConfig) -> tqdm[NoReturn]:
    from tqdm import tqdm

    return tqdm(unit="step", desc="optimising pixels", disable=not config.optimum_steps)


def _require_extra() -> None:
    try:
        import matplotlib  # noqa: F401
        import skimage  # noqa: F401
    except ImportError as error:
        raise ValueError(f"{error.name} is missing: pip install 'texnet[evaluate]', or scikit-image and matplotlib") from error


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="texnet evaluate",
        description="Measure networks by one yardstick: losses, optimality, similarity, stability, strength curve. Networks "
        "for textures: likeness, variety, seams. Runs: the loss against time.",
        epilog="example: python scripts/evaluate.py --ckpt a/style.pt b/style.pt --data_dir photos --texture mosaic.jpg",
        argument_default=argparse.SUPPRESS,
    )
    add_options(parser, EvaluateConfig)
    add_options(parser, LossConfig, without=("diversity_weight",))
    return parser
