"""texnet evaluate: measure trained networks, ours and others', on the same photos with the same loss."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from texnet.cli.allocator import tune_malloc
from texnet.cli.commands import report_skipped, run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import EvaluateConfig, LossConfig, check_given
from texnet.errors import UserError

if TYPE_CHECKING:
    import torch


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, measure, write, print the table."""
    run_command(lambda: evaluate(_parser().parse_args(argv)))


def evaluate(arguments: argparse.Namespace) -> int:
    """The command itself: 0, or 1 where something was left out."""
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
    from texnet.evaluation.report import Progress, report_networks, report_runs, report_textures
    from texnet.evaluation.textures import is_texture
    from texnet.losses import resolve_features

    device = choose_device(config.device.name)
    if config.video:
        return _evaluate_video(config, device)
    loss_config = resolve_features(loss_config, print)
    kinds = {is_texture(path) for path in config.ckpt}
    if len(kinds) == 2:
        raise UserError("--ckpt: networks that make textures are measured apart from those that stylize photos; give one kind")
    report = report_runs if config.runs else report_textures if kinds == {True} else report_networks
    skipped: list[str] = []

    def skip(message: str) -> None:
        skipped.append(message)
        report_skipped(message)

    with tqdm(unit="step", desc="optimizing pixels", disable=not config.optimum_steps) as bar:
        progress = Progress(_log, skip, bar.update, lambda paths, unit: tqdm(paths, unit=unit))
        text = report(config, loss_config, device, progress)
    print(f"{text}\n\nwritten into {config.output}")
    if skipped:
        _log(f"{len(skipped)} left out, named above")
    return 1 if skipped else 0


def _evaluate_video(config: EvaluateConfig, device: torch.device) -> int:
    from texnet.evaluation.steadiness import measure_steadiness
    from texnet.files import write_atomically

    text = measure_steadiness(config, device, _log).markdown()
    path = Path(config.output) / "steadiness.md"
    write_atomically(path, f"{text}\n".encode())
    print(f"{text}\n\nwritten into {path}")
    return 0


def _log(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _require_extra() -> None:
    try:
        import matplotlib  # noqa: F401
        import skimage  # noqa: F401
    except ImportError as error:
        raise UserError(f"{error.name} is missing: pip install 'texnet[evaluate]', or scikit-image and matplotlib") from error


def _parser() -> Parser:
    parser = Parser(
        "evaluate",
        "Measure networks on the same photos with the same loss: losses, optimality ratio, similarity, stability, strength "
        "curve. Videos: flicker. Networks for textures: likeness, diversity, seams. Runs: the loss against time.",
        example="--ckpt a/style.pt b/style.pt --data_dir photos --texture mosaic.jpg",
    )
    add_options(parser, EvaluateConfig)
    add_options(
        parser,
        LossConfig,
        without=(
            "diversity_weight",
            "steady_weight",
        ),
    )
    return parser
