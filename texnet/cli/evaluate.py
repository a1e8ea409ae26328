"""texnet evaluate: measure trained networks, texnet's and others', on the same photos."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from texnet.cli.allocator import tune_malloc
from texnet.cli.commands import report_skipped, run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import EvaluateConfig, LossConfig, check_given
from texnet.errors import UserError


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, measure, write, print the table."""
    run_command(lambda: evaluate(_parser().parse_args(argv)))


def evaluate(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    config = from_options(EvaluateConfig, vars(arguments))
    loss_config = from_options(LossConfig, vars(arguments))
    if not config.runs:
        check_given(config)
    if Path(config.output).is_file():
        raise FileExistsError(f"--output {config.output}: a file; name a folder")
    tune_malloc()
    _require_extra()
    from tqdm import tqdm

    from texnet.devices import choose_device
    from texnet.evaluation.commands import Progress, measure_networks, measure_runs, measure_textures
    from texnet.evaluation.textures import is_texture
    from texnet.losses import resolve_features

    loss_config = resolve_features(loss_config, print)
    device = choose_device(config.device.name)
    kinds = {is_texture(path) for path in config.ckpt}
    if len(kinds) == 2:
        raise UserError("--ckpt: networks that make textures and such that repaint photos are measured apart; give one kind")
    measure = measure_runs if config.runs else measure_textures if kinds == {True} else measure_networks
    with tqdm(unit="step", desc="optimizing pixels", disable=not config.optimum_steps) as bar:
        progress = Progress(report_skipped, bar.update, lambda paths, unit: tqdm(paths, unit=unit))
        text = measure(config, loss_config, device, progress)
    print(f"{text}\n\nwritten into {config.output}")
    return 0


def _require_extra() -> None:
    try:
        import matplotlib  # noqa: F401
        import skimage  # noqa: F401
    except ImportError as error:
        raise UserError(f"{error.name} is missing: pip install 'texnet[evaluate]', or scikit-image and matplotlib") from error


def _parser() -> Parser:
    parser = Parser(
        "evaluate",
        "Measure networks on the same photos: losses, optimality ratio, similarity, stability, strength curve. Networks for "
        "textures: likeness, variety, seams. Runs: the loss against time.",
        example="--ckpt a/style.pt b/style.pt --data_dir photos --texture mosaic.jpg",
    )
    add_options(parser, EvaluateConfig)
    add_options(parser, LossConfig, without=("diversity_weight",))
    return parser
