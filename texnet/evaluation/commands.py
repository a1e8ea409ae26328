"""What is measured: networks that repaint photos, networks that make textures, or runs; the tables of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch

from texnet.config import EvaluateConfig, LossConfig
from texnet.evaluation import build_setup, evaluate
from texnet.evaluation.adapters import load_network
from texnet.evaluation.report import report_networks, report_runs, report_textures
from texnet.evaluation.runs import measure_run
from texnet.evaluation.textures import build_texture_setup, evaluate_texture


@dataclass(frozen=True)
class Progress:
    """Who is told of a photo that cannot be read, of each step of an optimization, and goes through paths of a kind."""

    on_unreadable: Callable[[str], None]
    on_step: Callable[[], object]
    through: Callable[[Sequence[str], str], Iterable[str]]


def measure_networks(config: EvaluateConfig, loss_config: LossConfig, device: torch.device, progress: Progress) -> str:
    """Measure the networks of ``config.ckpt`` on photos and write the report into ``config.output``; its text."""
    for path in config.ckpt:
        blank = torch.zeros(1, 3, 64, 64)
        load_network(path, device).paint(blank, config.noise_factor, 0)  # a mistake shows before the hours of optimization
    setup = build_setup(config, loss_config, device, on_unreadable=progress.on_unreadable, on_step=progress.on_step)
    results = [evaluate(path, setup, config, device) for path in progress.through(config.ckpt, "network")]
    return f"{_photos(config, len(setup.photos))}\n\n{report_networks(results, setup, config, loss_config)}"


def measure_textures(config: EvaluateConfig, loss_config: LossConfig, device: torch.device, progress: Progress) -> str:
    """As :func:`measure_networks`, for networks that make textures."""
    setup = build_texture_setup(config, loss_config, device, progress.on_step)
    results = [evaluate_texture(path, setup, config, device) for path in progress.through(config.ckpt, "network")]
    return f"{config.num_seeds} seeds, {config.image_size} pixels\n\n{report_textures(results, config, loss_config)}"


def measure_runs(config: EvaluateConfig, loss_config: LossConfig, device: torch.device, progress: Progress) -> str:
    """As :func:`measure_networks`, for the checkpoints that the runs of ``config.runs`` kept."""
    setup = build_setup(config, loss_config, device, on_unreadable=progress.on_unreadable)
    runs = [measure_run(folder, setup, config, device) for folder in progress.through(config.runs, "run")]
    return f"{_photos(config, len(setup.photos))}\n\n{report_runs(runs, config, loss_config)}"


def _photos(config: EvaluateConfig, count: int) -> str:
    return f"{count} photos, {config.image_size} pixels, noise factor {config.noise_factor:g}"
