"""A run's folder: its checkpoints and previews, its name, and where a run is continued from."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

from texnet.checkpoint import SETTINGS, STYLE_PICTURE, Checkpoint, ResumeState, plain_name, summarize
from texnet.config import to_dict
from texnet.errors import UserError
from texnet.files import link_atomically, write_atomically
from texnet.generators.calibration import Calibration
from texnet.images import load_style, save_image
from texnet.training.build import Training
from texnet.training.previews import render_thumbnail
from texnet.training.trainer import Callback, Trainer

LATEST = "latest.pt"
STYLE_FILE = "style.pt"
EPOCH_SECONDS = 60.0  # of training, at least, between checkpoints of epochs: few photos make epochs of seconds


class RunDir(Callback):
    """Writes what a training leaves behind. Its checkpoints have the ``calibration``, which is none until training is done."""

    def __init__(self, folder: Path, training: Training) -> None:
        self.folder = folder
        self.training = training
        self.trainer = training.trainer
        self.config = training.config
        self.calibration = Calibration()
        self._epoch_saved_at = self.trainer.seconds
        self._latest_step = -1

    def begin(self) -> None:
        """Write what the run is about: config.json, texture.png, photos.png with the preview photos."""
        write_atomically(self.folder / SETTINGS, json.dumps(to_dict(self.config), indent=2).encode())
        save_image(self.training.texture, self.folder / STYLE_PICTURE)
        photos = self.training.data.preview_photos  # (N, 3, S, S)
        if len(photos):
            save_image(photos.permute(1, 0, 2, 3).flatten(1, 2), self.folder / "photos.png")

    def after_step(self, trainer: Trainer) -> None:
        """A checkpoint at the end of an epoch and every so many steps, one to keep, a preview every so many steps.

        Epochs that end within EPOCH_SECONDS of the last one saved are left out, except for the last epoch.
        """
        step, every = trainer.step_count, self.config.run
        if step % trainer.loader.steps_per_epoch == 0 and self._is_epoch_due(trainer):
            self.save(f"epoch-{trainer.epoch:03d}.pt")
            self._epoch_saved_at = trainer.seconds
            self._drop_epochs(every.keep_epochs)
        elif every.checkpoint_every and step % every.checkpoint_every == 0:
            self.save()
        if every.snapshot_every and step % every.snapshot_every == 0:
            self._checkpoint().to_share().save(self.folder / f"step-{step:06d}.pt")
        if every.preview_every and step % every.preview_every == 0:
            self.show()

    def save(self, name: str = LATEST) -> None:
        """Write a checkpoint that can be resumed; latest.pt is the same file."""
        self._checkpoint().save(self.folder / name)
        if name != LATEST:
            link_atomically(self.folder / name, self.folder / LATEST)
        self._latest_step = self.trainer.step_count

    def save_latest(self) -> None:
        """Write latest.pt, unless it is of the newest step already."""
        if self._latest_step != self.trainer.step_count:
            self.save()

    def save_style(self) -> None:
        """Write style.pt, the small checkpoint that stylizes."""
        self._to_share().save(self.folder / STYLE_FILE)

    def show(self) -> None:
        """Render the preview and give it to the monitors."""
        self.trainer.monitor.preview(self.trainer.step_count, self.training.render_preview(self.calibration))

    def _is_epoch_due(self, trainer: Trainer) -> bool:
        return trainer.progress >= 1 or trainer.seconds - self._epoch_saved_at >= EPOCH_SECONDS

    def _drop_epochs(self, kept: int) -> None:
        """Remove the oldest checkpoints of epochs: many epochs take much room, 20 MB each."""
        if kept:
            numbers = [int(path.stem.removeprefix("epoch-")) for path in self.folder.glob("epoch-[0-9]*.pt")]
            done = sorted(number for number in numbers if number <= self.trainer.epoch)  # a resumed run repeats later ones
            for number in done[:-kept]:
                (self.folder / f"epoch-{number:03d}.pt").unlink(missing_ok=True)

    def _checkpoint(self) -> Checkpoint:
        config, trainer = self.config, self.trainer
        state = trainer.state_dict()
        return Checkpoint(
            generator_config=config.generator,
            weights=state["ema"],
            styles=(plain_name(Path(config.loss.texture).stem),),
            calibration=self.calibration,
            loss_config=replace(config.loss, style_weight=trainer.loss.style_weight),
            term_norm=trainer.loss.term_norm,
            training=summarize(
                config,
                steps=trainer.step_count,
                seconds=trainer.seconds,
                epochs=trainer.epoch,
                num_photos=len(self.training.data.photos),
                losses=trainer.losses,
            ),
            license=config.run.license,
            resume=ResumeState(config, state),
        )

    def _to_share(self) -> Checkpoint:
        """The checkpoint of the finished run, with a preview."""
        shared = self._checkpoint().to_share()
        style = load_style(self.folder / STYLE_PICTURE, 0)
        fixed = self.config.generator.fixed_noise_factor
        return replace(shared, preview=render_thumbnail(shared.generator(), style, self.calibration, fixed))


def new_folder(parent: Path, name: str, texture: str) -> Path:
    """The folder for a new run: the given name, or the texture's with a number where it is taken.

    ValueError where the given name is taken.
    """
    if name:
        if (parent / name / LATEST).exists():
            raise UserError(f"--run_name {name}: that run exists; continue it with --resume {parent / name}")
        return parent / name
    stem = Path(texture).stem
    candidates = (parent / (stem if number == 1 else f"{stem}-{number}") for number in range(1, 10_000))
    return next(folder for folder in candidates if not folder.exists())


def newest_run(parent: Path, name: str) -> Path:
    """The folder in which training saved last, among those of a name, numbered or not; of all for an empty name.

    FileNotFoundError where there is none.
    """
    saved = {path.parent: path.stat().st_mtime for path in parent.glob(f"*/{LATEST}")}
    runs = [run for run in saved if not name or re.fullmatch(rf"{re.escape(name)}(-\d+)?", run.name)]
    if not runs:
        raise FileNotFoundError(f"--resume: no run {name + ' ' if name else ''}to continue in {parent}; name its folder")
    return max(runs, key=lambda run: saved[run])


def find_checkpoint(place: Path) -> Path:
    """The checkpoint to resume from: the file itself, or latest.pt of a run's folder."""
    path = place / LATEST if place.is_dir() else place
    if not path.is_file():
        raise FileNotFoundError(f"--resume {place}: no {LATEST} in it" if place.is_dir() else f"--resume {place}: no such file")
    return path
