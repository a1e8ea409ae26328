"""From a config and style pictures to a trainer of one network for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from texnet.checkpoint import StyleCollection, StyleEntry, plain_name, summarize
from texnet.config import LossConfig, TrainConfig
from texnet.errors import UserError
from texnet.generators import Generator, build_generator
from texnet.generators.calibration import Calibration
from texnet.generators.style_delta import MultiStyleGenerator, StyleDelta
from texnet.generators.style_reader import StyleReader
from texnet.images import load_style, to_bytes, to_float
from texnet.losses import build_loss
from texnet.losses.descriptor import DESCRIPTOR_SIZE, Describer
from texnet.losses.styles_loss import StylesLoss, StyleTarget
from texnet.monitoring import Monitor
from texnet.multi_style.draw import BalancedDraw
from texnet.training import Trainer, Training, build_training
from texnet.training.build import replace_generator
from texnet.training.initialization import find_pretrained, find_start

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
        entries = {}
        for number, (name, target) in enumerate(zip(self.pictures, self.targets, strict=True)):
            prefix = f"{DELTAS}{number}."
            entries[name] = StyleEntry(
                delta={key.removeprefix(prefix): weight for key, weight in weights.items() if key.startswith(prefix)},
                calibration=(calibrations or {}).get(name, Calibration()),
                loss_config=shared_loss(self.config, self.loss),
                term_norm=target.term_norm,
                training=summarize(
                    self.config,
                    steps=self.trainer.step_count,
                    seconds=self.trainer.seconds,
                    epochs=self.trainer.epoch,
                    num_photos=len(self.template.data.photos),
                    losses=self.trainer.losses,
                ),
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
    generator = _trunk(config) if collection is None else collection.trunk_generator()
    deltas = _deltas(generator, config, pictures)
    model = MultiStyleGenerator(generator, deltas)
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


def shared_loss(config: TrainConfig, loss: StylesLoss) -> LossConfig:
    """The settings of a loss as a file to share has them."""
    weights = loss.style_weight, loss.luminance_weight
    return replace(config.loss, texture="", vgg_weights="", style_weight=weights[0], luminance_weight=weights[1])


def _trunk(config: TrainConfig) -> Generator:
    """What the styles are to share: the pretrained generator, before it has read a style, or what ``--init`` says."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.optim.seed)
        generator = build_generator(config.generator)
    start = find_start(config)
    if start is not None:
        generator.load_state_dict(dict(start.weights))
    return generator


@torch.no_grad()
def _deltas(generator: Generator, config: TrainConfig, pictures: Mapping[str, Tensor]) -> list[StyleDelta]:
    """What each style changes at first: as the pretrained generator's style reader has it, if there is one of this shape."""
    deltas = [StyleDelta(generator, config.styles.style_rank, seed=number) for number in range(len(pictures))]
    start = find_pretrained(config.generator) if config.optim.init == "pretrained" else None
    if start is not None and start.style_reader:
        reader = StyleReader(DESCRIPTOR_SIZE, generator)
        reader.load_state_dict(dict(start.style_reader))
        describe = Describer()
        for delta, picture in zip(deltas, pictures.values(), strict=True):
            delta.take(reader(describe(picture.cpu())))
    return deltas
