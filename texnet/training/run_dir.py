"""A run's folder: what a training leaves behind, checkpoints above all, and how it is continued."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from texnet.checkpoint import STYLE_PICTURE, Checkpoint, ResumeState, plain_name, summarize
from texnet.config import TrainConfig, to_dict
from texnet.errors import UserError
from texnet.files import write_atomically
from texnet.generators.calibration import Calibration
from texnet.images import load_style, save_image
from texnet.training.previews import paint_thumbnail
from texnet.training.trainer import Trainer

LATEST = "latest.pt"
STYLE_FILE = "style.pt"


class Run:
    """Saves and previews while a trainer trains: call :meth:`after_step` after each step.

    ``calibrate`` measures the dial of the trainer's average, once, when training is done; until then it is left as it is.
    """

    def __init__(
        self,
        folder: Path,
        config: TrainConfig,
        trainer: Trainer,
        preview: Callable[[Calibration], Tensor],
        calibrate: Callable[[], Calibration],
        num_photos: int = 0,
    ) -> None:
        self.folder = folder
        self.config = config
        self.trainer = trainer
        self.preview = preview
        self.calibrate = calibrate
        self.num_photos = num_photos
        self.calibration = Calibration()

    def begin(self, texture: Tensor, photos: Tensor) -> None:
        """Write what the run is about: config.json, texture and preview photos, (1, 3, H, W) and (N, 3, S, S)."""
        write_atomically(self.folder / "config.json", json.dumps(to_dict(self.config), indent=2).encode())
        save_image(texture, self.folder / STYLE_PICTURE)
        if len(photos):
            save_image(photos.permute(1, 0, 2, 3).flatten(1, 2), self.folder / "photos.png")

    def after_step(self) -> None:
        """A checkpoint at the end of an epoch and every so many steps, one to keep, a preview every so many steps."""
        step, every = self.trainer.step_count, self.config.run
        if step % self.trainer.loader.steps_per_epoch == 0:
            self.save(f"epoch-{self.trainer.epoch:03d}.pt")
            self._drop_epochs(every.keep_epochs)
        elif every.checkpoint_every and step % every.checkpoint_every == 0:
            self.save()
        if every.snapshot_every and step % every.snapshot_every == 0:
            self._checkpoint().to_share().save(self.folder / f"step-{step:06d}.pt")
        if every.preview_every and step % every.preview_every == 0:
            self.show()

    def save(self, name: str = "") -> None:
        """Write latest.pt, after the named checkpoint if there is one."""
        checkpoint = self._checkpoint()
        if name:
            checkpoint.save(self.folder / name)
        checkpoint.save(self.folder / LATEST)

    def finish(self) -> Path:
        """Calibrate, save, preview, and write style.pt, the small file that stylizing needs."""
        self.save()  # first of all: nothing is lost if calibration is broken off
        self.calibration = self.calibrate()
        self.save()
        self.show()
        self._to_share().save(self.folder / STYLE_FILE)
        return self.folder / STYLE_FILE

    def show(self) -> None:
        """Paint the preview and give it to the monitors."""
        self.trainer.monitor.preview(self.trainer.step_count, self.preview(self.calibration))

    def _drop_epochs(self, kept: int) -> None:
        """Remove the checkpoint of the epoch that is one too old: few photos make many epochs, and each is 20 MB."""
        if kept:
            (self.folder / f"epoch-{self.trainer.epoch - kept:03d}.pt").unlink(missing_ok=True)

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
                num_photos=self.num_photos,
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
        return replace(shared, preview=paint_thumbnail(shared.generator(), style, self.calibration, fixed))


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
