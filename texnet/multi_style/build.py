"""From a config and style pictures to a trainer of one network for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from texnet.checkpoint import Checkpoint, StyleCollection, StyleEntry, plain_name
from texnet.config import TrainConfig
from texnet.errors import UserError
from texnet.generators import Generator
from texnet.generators.calibration import Calibration
from texnet.generators.style_delta import MultiStyleGenerator, StyleDelta
from texnet.images import load_style, to_bytes, to_float
from texnet.losses import build_loss
from texnet.losses.styles_loss import StylesLoss, StyleTarget
from texnet.monitoring import Monitor
from texnet.multi_style.draw import BalancedDraw
from texnet.training import Trainer, Training, build_training
from texnet.training.build import replace_generator
from texnet.training.initialization import begin_with, build_initial_generator, build_reader, find_start
from texnet.training.saving import summarize_trainer, trained_loss

DELTAS = "deltas."  # before the names of the styles' own weights


@dataclass(frozen=True)
class MultiStyleTraining:
    """A trainer of one network for many styles; ``pictures`` are theirs, (1, 3, H, W) in [0, 1] of 8 bits, by name.

    ``template`` is a training of the first style, for its photos and settings.
    """

    template: Training
    trainer: Trainer
    draw: BalancedDraw
    loss: StylesLoss
    pictures: Mapping[str, Tensor]
    targets: Sequence[StyleTarget]

    @property
    def config(self) -> TrainConfig:
        """Its settings, with the features that ``auto`` stood for."""
        return self.template.config

    def collection(self, calibrations: Mapping[str, Calibration] | None = None) -> StyleCollection:
        """The averaged network, with the calibrations of the styles that have one."""
        weights = {name: weight.detach().cpu() for name, weight in self.trainer.ema_generator.state_dict().items()}
        trunk = {name: weight for name, weight in weights.items() if not name.startswith(DELTAS)}
        summary = summarize_trainer(self.config, self.trainer, len(self.template.data.photos))
        summary = replace(summary, num_styles=len(self.pictures))
        entries = {}
        for number, (name, target) in enumerate(zip(self.pictures, self.targets, strict=True)):
            prefix = f"{DELTAS}{number}."
            entries[name] = StyleEntry(
                delta={key.removeprefix(prefix): weight for key, weight in weights.items() if key.startswith(prefix)},
                calibration=(calibrations or {}).get(name, Calibration()),
                loss_config=trained_loss(self.config.loss, self.loss),
                term_norm=target.term_norm,
                training=summary,
                license=self.config.run.license,
            )
        return StyleCollection(self.config.generator, trunk, entries)


def build_multi_style(
    config: TrainConfig,
    pictures: Mapping[str, Tensor],
    monitor: Monitor,
    *,
    device: torch.device,
    precision: torch.dtype,
    stop_requested: Callable[[], bool] = lambda: False,
    collection: StyleCollection | None = None,
) -> MultiStyleTraining:
    """Everything that a config asks for, with a style for each picture, (1, 3, H, W) in [0, 1], by name.

    With a ``collection`` its trunk is kept as it is, and only what the styles change is learned.
    """
    template = build_training(config, monitor, device=device, precision=precision, stop_requested=stop_requested)
    config = template.config
    start = find_start(config)
    generator = build_initial_generator(config) if collection is None else collection.trunk_generator()
    if start is not None and collection is None:
        begin_with(generator, start)  # before it has read a style
    model = MultiStyleGenerator(generator, _deltas(generator, config, start, pictures))
    if collection is not None:
        model.requires_grad_(False).deltas.requires_grad_(True)
    model = model.to(device).to(memory_format=torch.channels_last)
    loss = build_loss(config.loss, device=device, dtype=precision, kind=StylesLoss)
    assert isinstance(loss, StylesLoss)
    photos = template.data.reference_photos().to(device)
    found = loss.extract(photos, {**loss.style_layers, **loss.content_layers})
    targets = [loss.measure(picture.to(device), photos, found) for picture in pictures.values()]
    trainer = replace_generator(template, model, loss)
    draw = BalancedDraw(model, loss, targets, batch_size=config.data.batch_size, seed=config.optim.seed)
    return MultiStyleTraining(template, trainer, draw, loss, pictures, targets)


def read_pictures(paths: Sequence[str], size: int) -> dict[str, Tensor]:
    """Style pictures by the plain names of their files, (1, 3, H, W) in [0, 1], of 8 bits, at most ``size`` pixels long.

    UserError where two have one name, FileNotFoundError or UserError where a picture cannot be read.
    """
    pictures: dict[str, Tensor] = {}
    for path in paths:
        name = plain_name(Path(path).stem)
        if name in pictures:
            raise UserError(f"--texture {path}: another picture is called {name} too; rename one of the files")
        pictures[name] = to_float(to_bytes(load_style(path, size)))
    return pictures


@torch.no_grad()
def _deltas(
    generator: Generator, config: TrainConfig, start: Checkpoint | None, pictures: Mapping[str, Tensor]
) -> list[StyleDelta]:
    """What each style changes at first: as the style reader of the start has it, if it has one."""
    deltas = [StyleDelta(generator, config.styles.style_rank, seed=number) for number in range(len(pictures))]
    if start is not None and start.style_reader:
        read = build_reader(start, generator)
        for delta, picture in zip(deltas, pictures.values(), strict=True):
            delta.take(read(picture))
    return deltas
