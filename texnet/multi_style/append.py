"""Append a style to a file of many: only what the new style changes is learned, so the others keep every bit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from texnet.checkpoint import StyleCollection
from texnet.config import TrainConfig
from texnet.devices import choose_precision
from texnet.errors import UserError
from texnet.monitoring import Monitor
from texnet.multi_style.build import build_multi_style, read_pictures
from texnet.multi_style.fit import calibrate_styles, reserve_calibrations
from texnet.multi_style.saving import with_preview
from texnet.training.fit import FitResult


def append_style(
    config: TrainConfig,
    *,
    device: torch.device,
    monitor: Monitor,
    stop_requested: Callable[[], bool] = lambda: False,
) -> FitResult:
    """Learn the style picture of a config and write it into the file ``config.styles.append_to``, a style more.

    Nothing is written where a stop is requested before the end. UserError where the file has a style of that name, or is none.
    """
    path = Path(config.styles.append_to)
    collection = StyleCollection.load(path)
    pictures = read_pictures([config.loss.texture], config.loss.style_size)
    (name,) = pictures
    if name in collection.entries:
        raise UserError(f"--append_to {path}: it has a style {name}; rename the picture, or remove that style first")
    if config.loss.match_colors != collection.matches_colors:
        words = "match colors: give --match_colors" if collection.matches_colors else "do not: leave --match_colors out"
        raise UserError(f"--append_to {path}: its styles {words}")
    config = replace(config, generator=collection.generator_config)
    precision = choose_precision(config.optim.precision, device)
    training = build_multi_style(
        config,
        pictures,
        monitor,
        device=device,
        precision=precision,
        stop_requested=stop_requested,
        collection=collection,
    )
    training.draw.choose(0)
    reserve_calibrations(training)
    with training.trainer.loader:
        done = training.trainer.fit([training.draw])
    if done:
        entry = training.collection(calibrate_styles(training)).find(name)
        learned = collection.with_style(name, entry)
        learned.with_style(name, with_preview(entry, learned.generator({name: 1.0}), pictures[name])).save(path)
    return FitResult(done, training.trainer.step_count, training.template.data.photos.unreadable)
