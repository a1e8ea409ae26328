"""texnet evaluate: measure trained networks, ours and others', by one yardstick."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from texnet.cli import run_command, tell_skipped
from texnet.cli.options import Parser, add_options, from_options
from texnet.cli.runtime import keep_memory
from texnet.config import EvaluateConfig, LossConfig, to_dict

if TYPE_CHECKING:
    from texnet.evaluation import Yardstick
    from texnet.evaluation.results import Result


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, measure, write, print the table."""
    run_command(lambda: evaluate(_parser().parse_args(argv)))


def evaluate(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    config = from_options(EvaluateConfig, vars(arguments))
    loss_config = from_options(LossConfig, vars(arguments))
    if not config.ckpt:
        raise ValueError("--ckpt is missing: name one network or more, for example checkpoints/mosaic/style.pt")
    keep_memory()
    _require_extra()
    from tqdm import tqdm

    from texnet.devices import choose_device
    from texnet.evaluation import build_yardstick
    from texnet.evaluation import evaluate as measure
    from texnet.evaluation.painters import load_painter
    from texnet.losses import settle_features

    loss_config = settle_features(loss_config, print)
    device = choose_device(config.device, cuda=config.cuda)
    for path in config.ckpt:
        load_painter(path, device)  # a mistake shows before the hours of optimisation
    with tqdm(unit="step", desc="optimising pixels", disable=not config.optimum_steps) as bar:
        yardstick = build_yardstick(config, loss_config, device, on_unreadable=tell_skipped, on_step=bar.update)
    results = [measure(path, yardstick, config, device) for path in tqdm(list(config.ckpt), unit="network")]
    _write(results, yardstick, config, loss_config)
    return 0


def _write(results: list[Result], yardstick: Yardstick, config: EvaluateConfig, loss_config: LossConfig) -> None:
    from texnet.evaluation.plots import draw_layers, draw_optimum, draw_strength
    from texnet.evaluation.results import regret_table, table
    from texnet.files import write_atomically

    folder = Path(config.output)
    text = "\n\n".join(filter(None, [table(results), regret_table(results)]))
    settings = {"evaluation": to_dict(config), "loss": to_dict(loss_config)}
    plain = {"settings": settings, "networks": [result.to_dict() for result in results]}
    write_atomically(folder / "evaluation.json", json.dumps(plain, indent=2).encode())
    write_atomically(folder / "evaluation.md", f"{text}\n".encode())
    draw_layers(results, folder / "layers.png")
    if any(result.curve for result in results):
        draw_strength(results, folder / "strength.png")
    if yardstick.optima:
        draw_optimum(results, yardstick.optima, folder / "optimum.png")
    print(f"{len(yardstick.photos)} photos, {config.image_size} pixels, noise factor {config.noise_factor:g}\n\n{text}\n")
    print(f"written into {folder}: evaluation.json, evaluation.md and plots")


def _require_extra() -> None:
    try:
        import matplotlib  # noqa: F401
        import skimage  # noqa: F401
    except ImportError as error:
        raise ValueError(f"{error.name} is missing: pip install 'texnet[evaluate]', or scikit-image and matplotlib") from error


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="texnet evaluate",
        description="Measure networks by one yardstick: losses, optimality, similarity, stability, strength curve.",
        epilog="example: python scripts/evaluate.py --ckpt a/style.pt b/style.pt --data_dir photos --texture mosaic.jpg",
        argument_default=argparse.SUPPRESS,
    )
    add_options(parser, EvaluateConfig)
    add_options(parser, LossConfig, without=("diversity_weight",))
    return parser
