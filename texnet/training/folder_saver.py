"""When a run's folder is written: checkpoints for epochs and every so many steps, previews, and a word where it fails."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path

from texnet.checkpoint import SETTINGS
from texnet.config import TrainConfig
from texnet.files import link_atomically
from texnet.training.run_folder import LATEST
from texnet.training.trainer import Callback, Trainer

FIRST_PREVIEW = 30  # steps: from a pretrained generator the style is there by then
EPOCH_SECONDS = 60.0  # of training, at least, between checkpoints of epochs: few photos make epochs of seconds


class FolderSaver(Callback):
    """Saves and shows a training when that is due. What is written and shown is for a subclass to say."""

    def __init__(self, folder: Path, config: TrainConfig, trainer: Trainer) -> None:
        self.folder, self.config, self.trainer = folder, config, trainer
        self._epoch_saved_at = -EPOCH_SECONDS  # so that the first one is always saved
        self._latest_step = trainer.step_count if (folder / LATEST).is_file() else -1  # of latest.pt

    @abstractmethod
    def begin(self) -> None:
        """Write what the run is about."""

    @abstractmethod
    def write(self, path: Path) -> None:
        """Write a checkpoint of the last step that can be resumed."""

    @abstractmethod
    def show(self) -> None:
        """Render the preview and give it to the monitors."""

    def look(self) -> None:
        """Called before a checkpoint that is due is written: the place to notice that the results are bad."""

    def after_step(self, trainer: Trainer) -> None:
        """A checkpoint at the end of an epoch and every so many steps, a preview early and every so many steps.

        Epochs that end within EPOCH_SECONDS of the last one saved are left out, except for the first and the last.
        """
        step, every = trainer.step_count, self.config.run
        if trainer.is_epoch_end and self._is_epoch_due():
            self.attempt(self._save_epoch)
        elif every.checkpoint_every and step % every.checkpoint_every == 0:
            self.attempt(self._save_checked)
        if every.preview_every and (step == FIRST_PREVIEW or step % every.preview_every == 0):
            self.show()

    def save(self, name: str = LATEST) -> None:
        """Write a checkpoint that can be resumed; latest.pt is the same file. A folder that has vanished is made again."""
        if not (self.folder / SETTINGS).is_file():
            self.begin()
        self.write(self.folder / name)
        if name != LATEST:
            link_atomically(self.folder / name, self.folder / LATEST)
        self._latest_step = self.trainer.step_count

    def save_latest(self) -> None:
        """Write latest.pt, unless it is of the newest step already."""
        if self._latest_step != self.trainer.step_count:
            self.save()

    def save_whatever_happened(self) -> str:
        """Save the last step of a training that ends with an error; what became of it, in words."""
        try:
            self.save_latest()
        except Exception as error:  # the reason why training ends is still to be raised
            self.trainer.monitor.message(f"step {self.trainer.step_count} could not be saved: {error}")
            return ", not saved"
        return ", all is saved"

    def attempt(self, write: Callable[[], object]) -> None:
        """Write what can be written again later; a full disk or a lost folder is reported, and training goes on."""
        try:
            write()
        except OSError as error:
            kept = f"; step {self._latest_step} is kept" if self._latest_step > 0 else ""
            self.trainer.monitor.message(f"step {self.trainer.step_count} is not saved: {error}; training goes on{kept}")

    def _save_checked(self) -> None:
        self.look()
        self.save()

    def _save_epoch(self) -> None:
        self.look()
        self.save(f"epoch-{self.trainer.epoch:03d}.pt")
        self._epoch_saved_at = self.trainer.seconds
        self._drop_epochs(self.config.run.keep_epochs)

    def _is_epoch_due(self) -> bool:
        return self.trainer.progress >= 1 or self.trainer.seconds - self._epoch_saved_at >= EPOCH_SECONDS

    def _drop_epochs(self, kept: int) -> None:
        """Remove the oldest checkpoints of epochs: many epochs take much room, 20 MB each."""
        if kept:
            numbers = [int(path.stem.removeprefix("epoch-")) for path in self.folder.glob("epoch-[0-9]*.pt")]
            done = sorted(number for number in numbers if number <= self.trainer.epoch)  # a resumed run repeats later ones
            for number in done[:-kept]:
                (self.folder / f"epoch-{number:03d}.pt").unlink(missing_ok=True)
