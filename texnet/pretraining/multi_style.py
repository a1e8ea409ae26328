"""Pretrain a generator that reads the style picture, as the start of every other training.

A generator from random weights first wipes the photo out and finds it again, which takes most of a short training. This one
knows thousands of styles: norms that a :class:`StyleReader` sets from the style picture carry the style, all other weights what
is common to painting. On a picture that it never saw it begins with something like its style. Both are learned at once, or the
generator first, in :class:`Visits`, and then the style reader.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from texnet.checkpoint.validation import check_trainer
from texnet.config import PretrainConfig, TrainConfig
from texnet.devices import choose_precision
from texnet.errors import UserError
from texnet.files import write_atomically
from texnet.generators import Generator
from texnet.generators.style_reader import StyleReader
from texnet.losses import build_loss
from texnet.losses.descriptor import DESCRIPTOR_SIZE
from texnet.losses.styles_loss import StylesLoss
from texnet.monitoring import Monitor
from texnet.picture_files import expand_paths
from texnet.pretraining.style_pool import StylePool
from texnet.pretraining.visits import StyleSource, Visits
from texnet.tensor_files import read_tensors
from texnet.training import Callback, Trainer, Training, build_training
from texnet.training.build import replace_generator
from texnet.training.initialization import find_start, pack_pretrained, unpack_pretrained
from texnet.training.saving import summarize_trainer

STATE_SUFFIX = ".state.pt"  # beside the output: all that going on needs
SAVE_EVERY = 200  # steps


class StyledGenerator(Generator):
    """A generator with its style reader, trained together; ``descriptors``, (N, size), are those of the next batch's styles."""

    def __init__(self, generator: Generator) -> None:
        channels, memory = generator.noise_channels, generator.bytes_per_pixel
        super().__init__(generator.body, noise_channels=channels, bytes_per_pixel=memory, reads_photo=generator.reads_photo)
        self.load_state_dict(generator.state_dict())
        self.reader = StyleReader(DESCRIPTOR_SIZE, generator)
        self.descriptors = torch.zeros(1, DESCRIPTOR_SIZE)

    def forward(self, *inputs: Any, **options: Any) -> Tensor:
        """As :meth:`Generator.forward`, each picture in a style of its own."""
        return super().forward(*inputs, **options, style=self.reader(self.descriptors))


class StyleDraw(StyleSource):
    """Draws the styles of every batch from a pool, as a function of the step alone."""

    def __init__(self, model: StyledGenerator, loss: StylesLoss, pool: StylePool, batch_size: int) -> None:
        self.model, self.loss, self.pool, self.batch_size = model, loss, pool, batch_size

    def begin(self, trainer: Trainer) -> None:
        """Set what the first step learns."""
        self.after_step(trainer)

    def after_step(self, trainer: Trainer) -> None:
        """Set what the next step learns, a style for each picture."""
        styles = self.pool.draw(trainer.step_count, self.batch_size)
        self.model.descriptors = torch.cat([style.descriptor for style in styles])
        self.loss.targets = [style.target for style in styles]


class SaveProgress(Callback):
    """Calls ``save`` every so many steps."""

    def __init__(self, save: Callable[[], None]) -> None:
        self.save = save

    def after_step(self, trainer: Trainer) -> None:
        """Save at the steps where it is due."""
        if trainer.step_count % SAVE_EVERY == 0:
            self.save()


def pretrain_generator(
    pretrain_config: PretrainConfig,
    config: TrainConfig,
    monitor: Monitor,
    device: torch.device,
    stop_requested: Callable[[], bool] = lambda: False,
) -> int:
    """Train a generator and its style reader and write both to ``pretrain_config.output``; the number of steps.

    Beside it lies the state from which ``pretrain_config.resume`` goes on.
    """
    if pretrain_config.learn == "reader" and find_start(config) is None:
        raise UserError("--learn reader: reads styles for a trained generator; name it with --init")
    paths = [path for path, _ in expand_paths(pretrain_config.textures)]
    output = Path(pretrain_config.output)
    state_path = output.with_name(output.stem + STATE_SUFFIX)
    config = replace(config, loss=replace(config.loss, texture=str(paths[0])))
    precision = choose_precision(config.optim.precision, device)
    training = build_training(config, monitor, device=device, precision=precision, stop_requested=stop_requested)
    config, photos = training.config, training.data.photos
    if pretrain_config.learn == "generator":
        trainer, styles = _for_visits(training, paths)
    else:
        trainer, styles = _for_many_styles(training, paths, pretrain_config)
    if pretrain_config.resume:
        trainer.load_state_dict(_read_state(state_path, trainer.generator))
    source = "noise alone" if config.generator.no_content else f"{len(photos)} photos"
    monitor.message(f"{len(paths)} style pictures, {source}")

    def save() -> None:
        summary, state = summarize_trainer(config, trainer, len(photos)), styles.state(trainer)
        pack_pretrained(config, state["ema"], summary).save(output)
        buffer = io.BytesIO()
        torch.save(state, buffer)
        write_atomically(state_path, buffer.getvalue())

    styles.begin(trainer)
    with trainer.loader:
        trainer.fit([styles, SaveProgress(save)])
    save()
    return trainer.step_count


def _for_visits(training: Training, paths: Sequence[Path]) -> tuple[Trainer, StyleSource]:
    """The trainer of a training at the start of its visits, and what sends it to styles."""
    trainer, start = training.trainer, find_start(training.config)
    if start is not None:
        trainer.generator.load_state_dict(dict(start.weights))  # without the style that was read into them
    photos = training.data.reference_photos().to(trainer.step.device)
    return trainer, Visits(trainer, paths, photos, seed=training.config.optim.seed)


def _for_many_styles(training: Training, paths: Sequence[Path], pretrain_config: PretrainConfig) -> tuple[Trainer, StyleSource]:
    """A trainer like that of a training, for a generator that reads style pictures, and what draws the styles of its steps."""
    config, template = training.config, training.trainer
    device, precision = template.step.device, template.step.precision
    model = StyledGenerator(template.generator).to(device).to(memory_format=torch.channels_last)
    keep_content = not config.generator.no_content
    loss = build_loss(config.loss, keep_content=keep_content, device=device, dtype=precision, kind=StylesLoss)
    assert isinstance(loss, StylesLoss)
    photos = training.data.reference_photos().to(device)
    pool = StylePool(paths, loss, photos, seed=config.optim.seed, size=pretrain_config.pool_size)
    start = find_start(config)
    if start is not None and start.style_reader:
        model.load_state_dict(unpack_pretrained(start))  # as they are: the template has read a style already
    else:
        model.reader.standardize(torch.cat([style.descriptor for style in pool.styles(0)]))
    if pretrain_config.learn == "reader":
        model.requires_grad_(False)
        model.reader.requires_grad_(True)
    return replace_generator(training, model, loss), StyleDraw(model, loss, pool, config.data.batch_size)


def _read_state(path: Path, model: nn.Module) -> dict[str, Any]:
    if not path.is_file():
        raise UserError(f"--resume: no {path}, from which to go on; leave --resume out to begin")
    try:
        return check_trainer(read_tensors(path), model)
    except UserError as error:
        raise UserError(f"--resume: {path} is not of this pretraining: {error}; leave --resume out to begin") from error
    except Exception as error:  # whatever a damaged file can cause
        raise UserError(f"--resume: {path} is damaged ({type(error).__name__}); leave --resume out to begin") from error
