"""Measure what a config names, networks for photos, networks for textures or runs, and write table, JSON and plots."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from texnet.config import EvaluateConfig, LossConfig, to_dict
from texnet.errors import UserError
from texnet.evaluation.evaluate import evaluate
from texnet.evaluation.networks import load_network
from texnet.evaluation.runs import measure_run
from texnet.evaluation.setup import EvalSetup, build_setup
from texnet.evaluation.summary import (
    draw_layers,
    draw_references,
    draw_runs,
    draw_strength,
    network_table,
    regret_table,
    runs_table,
    texture_table,
)
from texnet.evaluation.textures import build_texture_setup, evaluate_texture
from texnet.files import write_atomically


@dataclass(frozen=True)
class Progress:
    """What an evaluation reports: lines, photos, checkpoints and runs that cannot be read, steps of an optimization, and paths
    as it goes through them."""

    log: Callable[[str], None]
    on_unreadable: Callable[[str], None]
    on_step: Callable[[], object]
    through: Callable[[Sequence[str], str], Iterable[str]]


def report_networks(config: EvaluateConfig, loss_config: LossConfig, device: torch.device, progress: Progress) -> str:
    """Measure the networks of ``config.ckpt`` on photos and write the report into ``config.output``; its text."""
    for path in config.ckpt:
        blank = torch.zeros(1, 3, 64, 64)
        load_network(path, device).stylize(blank, config.noise_factor, 0)  # a mistake shows before the hours of optimization
    setup = _build_setup(config, loss_config, device, progress)
    results = [evaluate(path, setup, config, device) for path in progress.through(config.ckpt, "network")]
    text = "\n\n".join(filter(None, [network_table(results), regret_table(results)]))
    _write(text, config, loss_config, photos=setup.photo_names, networks=results)
    folder = Path(config.output)
    draw_layers(results, folder / "layers.png")
    if any(result.curve for result in results):
        draw_strength(results, folder / "strength.png")
    if setup.references:
        draw_references(results, setup.references, folder / "optimum.png")
    return f"{_describe(config, setup)}\n\n{text}"


def report_textures(config: EvaluateConfig, loss_config: LossConfig, device: torch.device, progress: Progress) -> str:
    """As :func:`report_networks`, for networks that make textures."""
    setup = build_texture_setup(config, loss_config, device, progress.on_step, progress.log)
    results = [evaluate_texture(path, setup, config, device) for path in progress.through(config.ckpt, "network")]
    text = texture_table(results)
    _write(text, config, loss_config, textures=results)
    return f"{config.num_seeds} seeds, {config.image_size} pixels\n\n{text}"


def report_runs(config: EvaluateConfig, loss_config: LossConfig, device: torch.device, progress: Progress) -> str:
    """As :func:`report_networks`, for the checkpoints that the runs of ``config.runs`` kept; UserError where none has any."""
    setup = _build_setup(config, loss_config, device, progress)
    runs = []
    for folder in progress.through(config.runs, "run"):
        try:
            runs.append(measure_run(folder, setup.evaluator, config, device, progress.on_unreadable))
        except (UserError, OSError) as error:
            progress.on_unreadable(str(error))
    if not runs:
        raise UserError("--runs: none of them can be measured, as said above")
    text = runs_table(runs)
    _write(text, config, loss_config, photos=setup.photo_names, runs=runs)
    draw_runs(runs, Path(config.output) / "time.png")
    return f"{_describe(config, setup)}\n\n{text}"


def _build_setup(config: EvaluateConfig, loss_config: LossConfig, device: torch.device, progress: Progress) -> EvalSetup:
    return build_setup(
        config,
        loss_config,
        device,
        log=progress.log,
        on_unreadable=progress.on_unreadable,
        on_step=progress.on_step,
    )


def _describe(config: EvaluateConfig, setup: EvalSetup) -> str:
    return f"{len(setup.photos)} photos, {config.image_size} pixels, noise factor {config.noise_factor:g}"


def _write(text: str, config: EvaluateConfig, loss_config: LossConfig, photos: Sequence[str] = (), **measured: Any) -> None:
    settings = {"evaluation": to_dict(config), "loss": to_dict(loss_config)}
    plain = {kind: [asdict(result) for result in results] for kind, results in measured.items()}
    content = {"settings": settings, **({"photos": list(photos)} if photos else {}), **plain}
    folder = Path(config.output)
    write_atomically(folder / "evaluation.json", json.dumps(content, indent=2).encode())
    write_atomically(folder / "evaluation.md", f"{text}\n".encode())
