"""What a training writes into its run's folder: checkpoints, previews, settings, and a word where that is not possible."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

from texnet.checkpoint import SETTINGS, STYLE_PICTURE, Checkpoint, ResumeState, StyleCard, TrainingSummary, summarize
from texnet.config import LossConfig, TrainConfig, to_dict
from texnet.errors import CollapsedError
from texnet.files import link_atomically, write_atomically
from texnet.generators.calibration import Calibration
from texnet.images import save_image, to_bytes
from texnet.losses import PerceptualLoss, resolve_statistic
from texnet.shipped import STYLE_FILE
from texnet.training.beginning import Beginning
from texnet.training.build import Training
from texnet.training.folder_saver import FolderSaver
from texnet.training.previews import render_thumbnail
from texnet.training.run_folder import LATEST
from texnet.training.trainer import Trainer

LAST_GOOD = "last_good.pt"  # kept when the results become flat
FLAT = 0.1  # of the style picture's contrast: results below have collapsed
FIRST_CHECK = 100  # steps; before, a network from scratch may still be flat


def begin_folder(folder: Path, begun: Beginning | Training) -> None:
    """Write what a run is about: config.json, texture.png, photos.png with the preview photos."""
    write_atomically(folder / SETTINGS, json.dumps(to_dict(with_absolute_paths(begun.config)), indent=2).encode())
    save_image(begun.texture, folder / STYLE_PICTURE)
    photos = begun.data.preview_photos  # (N, 3, S, S)
    if len(photos):
        save_image(photos.permute(1, 0, 2, 3).flatten(1, 2), folder / "photos.png")


class RunSaver(FolderSaver):
    """Writes what a training leaves behind. Its checkpoints have the ``calibration``, which is none until training is done."""

    def __init__(self, folder: Path, training: Training) -> None:
        super().__init__(folder, with_absolute_paths(training.config), training.trainer)
        self.training = training
        self.calibration = Calibration()
        self._collapsed_at: int | None = None  # step
        self._latest_is_good = True
        self._good_step = -1  # the newest that was found to have contrast
        self._last_good: int | None = None  # step of last_good.pt

    def begin(self) -> None:
        """As :func:`begin_folder`."""
        begin_folder(self.folder, self.training)

    def after_step(self, trainer: Trainer) -> None:
        """As :meth:`FolderSaver.after_step`, and every so many steps a checkpoint to keep."""
        super().after_step(trainer)
        step, every = trainer.step_count, self.config.run.snapshot_every
        if every and step % every == 0:
            self.attempt(partial(self._checkpoint().to_share().save, self.folder / f"step-{step:06d}.pt"))

    def write(self, path: Path) -> None:
        """Write a checkpoint of the last step that can be resumed."""
        self._checkpoint().save(path)

    def save(self, name: str = LATEST) -> None:
        """As :meth:`FolderSaver.save`; whether the step was found to have contrast is remembered."""
        super().save(name)
        self._latest_is_good = self._good_step == self._latest_step

    def look(self) -> None:
        """Look whether results are flat: see :meth:`notice_collapse`."""
        self.notice_collapse()

    def check_contrast(self) -> None:
        """CollapsedError where the results of the last step are flat."""
        if self._collapsed_at is not None:
            raise CollapsedError(self._describe_collapse())

    def notice_collapse(self) -> None:
        """Look whether results are flat. The first time that they are, what latest.pt holds is kept as last_good.pt."""
        if self.training.contrast() >= FLAT:
            self._collapsed_at, self._good_step = None, self.trainer.step_count
        elif self.trainer.step_count >= FIRST_CHECK and self._collapsed_at is None:
            self._collapsed_at, self._last_good = self.trainer.step_count, None
            if self._latest_is_good and (self.folder / LATEST).is_file():
                link_atomically(self.folder / LATEST, self.folder / LAST_GOOD)
                self._last_good = self._latest_step
            self.trainer.monitor.message(self._describe_collapse())

    def save_style(self) -> None:
        """Write style.pt, the small checkpoint that stylizes."""
        self._to_share().save(self.folder / STYLE_FILE)

    def show(self) -> None:
        """Render the preview and give it to the monitors."""
        self.trainer.monitor.preview(self.trainer.step_count, self.training.render_preview(self.calibration))

    def _describe_collapse(self) -> str:
        kept = f"{LAST_GOOD} keeps step {self._last_good}" if self._last_good else "nothing better was saved before"
        return (
            f"step {self._collapsed_at}: the results have become flat, with less than a tenth of the style picture's contrast; "
            f"{lower_rate(self.config)}; {kept}"
        )

    def _checkpoint(self) -> Checkpoint:
        config, trainer = self.config, self.trainer
        state = trainer.state_dict()
        return Checkpoint(
            generator_config=config.generator,
            weights=state["ema"],
            styles=self.training.styles,
            calibration=self.calibration,
            loss_config=trained_loss(config.loss, trainer.loss),
            term_norm=trainer.loss.term_norm,
            training=summarize_trainer(config, trainer, len(self.training.data.photos)),
            license=config.run.license,
            card=StyleCard(credit=config.run.credit),
            resume=ResumeState(config, state, to_bytes(self.training.texture)[0]),
        )

    def _to_share(self) -> Checkpoint:
        """The checkpoint of the finished run, with a preview."""
        shared = self._checkpoint().to_share()
        fixed = self.config.generator.fixed_noise_factor
        return replace(shared, preview=render_thumbnail(shared.generator(), self.training.texture, self.calibration, fixed))


def trained_loss(config: LossConfig, loss: PerceptualLoss) -> LossConfig:
    """The settings of a loss with the weights and the statistic that stood for its preset's."""
    statistic = resolve_statistic(config)
    return replace(config, style_weight=loss.style_weight, luminance_weight=loss.luminance_weight, statistic=statistic)


def summarize_trainer(config: TrainConfig, trainer: Trainer, num_photos: int) -> TrainingSummary:
    """What a checkpoint says of a training up to the last step."""
    counts = {"steps": trainer.step_count, "epochs": trainer.epoch, "num_photos": num_photos}
    return summarize(config, seconds=trainer.seconds, losses=trainer.losses, **counts)


def lower_rate(config: TrainConfig) -> str:
    """The likely cause of a training that diverges, and the remedy."""
    rate = config.learning_rate
    return f"a learning rate of {rate:g} may be too high, begin again with --learning_rate {rate / 10:g}"


def with_absolute_paths(config: TrainConfig) -> TrainConfig:
    """The config with paths that hold in any folder, so that a run can be continued from everywhere."""
    data = replace(config.data, data_dir=_absolute(config.data.data_dir))
    loss = replace(config.loss, texture=_absolute(config.loss.texture), vgg_weights=_absolute(config.loss.vgg_weights))
    return replace(config, data=data, loss=loss)


def _absolute(path: str) -> str:
    return str(Path(path).absolute()) if path else ""
