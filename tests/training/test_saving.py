"""What a training leaves in its run's folder, and when."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from tests.helpers import with_options
from tests.training.helpers import Diary, build, fit, stop_after
from texnet.checkpoint import Checkpoint
from texnet.config import TrainConfig, from_dict
from texnet.errors import UnreadablePictureError
from texnet.images import load_picture
from texnet.training import Callback, Trainer
from texnet.training.saving import RunSaver


@pytest.fixture
def long_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every epoch counts as one that took long enough to be saved."""
    monkeypatch.setattr("texnet.training.folder_saver.EPOCH_SECONDS", 0)


@pytest.mark.usefixtures("long_epochs")
def test_a_finished_run_leaves_a_checkpoint_per_epoch_and_the_latest_and_the_style(
    tiny_config: TrainConfig, tmp_path: Path
) -> None:
    fit(tiny_config, tmp_path)
    assert {path.name for path in tmp_path.glob("*.pt")} == {"epoch-001.pt", "epoch-002.pt", "latest.pt", "style.pt"}


@pytest.mark.slow
def test_of_epochs_that_take_a_moment_the_first_and_the_last_are_saved(tiny_config: TrainConfig, tmp_path: Path) -> None:
    fit(with_options(tiny_config, "optim", epochs=3), tmp_path)
    assert {path.name for path in tmp_path.glob("*.pt")} == {"epoch-001.pt", "epoch-003.pt", "latest.pt", "style.pt"}


def test_an_epoch_is_saved_when_a_minute_of_training_has_passed_since_the_last(
    tiny_config: TrainConfig, tmp_path: Path
) -> None:
    training = build(with_options(tiny_config, "optim", epochs=9))
    run, trainer = RunSaver(tmp_path, training), training.trainer
    for epoch, seconds in enumerate((30, 59, 91, 100, 152), start=1):
        trainer.step.count, trainer.seconds = 4 * epoch, float(seconds)
        run.after_step(trainer)
    assert sorted(path.name for path in tmp_path.glob("*.pt")) == ["epoch-001.pt", "epoch-003.pt", "epoch-005.pt", "latest.pt"]


@pytest.mark.usefixtures("long_epochs")
def test_an_epochs_checkpoint_and_the_latest_are_one_file_until_the_next(tiny_config: TrainConfig, tmp_path: Path) -> None:
    config = with_options(with_options(tiny_config, "optim", max_steps=6), "run", checkpoint_every=1)
    same: dict[int, bool] = {}

    class Look(Callback):
        def after_step(self, trainer: Trainer) -> None:
            if trainer.step_count >= 4:
                same[trainer.step_count] = (tmp_path / "latest.pt").samefile(tmp_path / "epoch-001.pt")

    fit(config, tmp_path, callbacks=[Look()])
    assert same == {4: True, 5: False, 6: False}
    assert Checkpoint.load(tmp_path / "epoch-001.pt").training.steps == 4


@pytest.mark.slow
@pytest.mark.usefixtures("long_epochs")
@pytest.mark.parametrize(("kept", "names"), [(0, ["001", "002", "003"]), (2, ["002", "003"])])
def test_of_the_checkpoints_of_epochs_the_newest_are_kept(
    kept: int, names: list[str], tiny_config: TrainConfig, tmp_path: Path
) -> None:
    config = with_options(with_options(tiny_config, "run", keep_epochs=kept), "optim", epochs=3)
    fit(config, tmp_path)
    assert sorted(path.stem for path in tmp_path.glob("epoch-*.pt")) == [f"epoch-{name}" for name in names]


def test_of_epochs_with_gaps_the_newest_are_kept(tiny_config: TrainConfig, tmp_path: Path) -> None:
    for number in (1, 4, 6, 8):  # the last one of a part that a resumed run repeats
        (tmp_path / f"epoch-{number:03d}.pt").touch()
    training = build(with_options(with_options(tiny_config, "optim", epochs=7), "run", keep_epochs=2))
    training.trainer.step.count = 4 * 7
    RunSaver(tmp_path, training).after_step(training.trainer)
    assert sorted(path.stem for path in tmp_path.glob("epoch-*.pt")) == ["epoch-006", "epoch-007", "epoch-008"]


@pytest.mark.usefixtures("long_epochs")
def test_the_checkpoint_of_an_epoch_is_the_one_at_its_end(tiny_config: TrainConfig, tmp_path: Path) -> None:
    fit(tiny_config, tmp_path)
    training = Checkpoint.load(tmp_path / "epoch-001.pt").training
    assert (training.epochs, training.steps) == (1, 4)


def test_the_latest_checkpoint_is_that_of_the_last_step(tiny_config: TrainConfig, tmp_path: Path) -> None:
    fit(with_options(tiny_config, "optim", max_steps=7), tmp_path)
    assert Checkpoint.load(tmp_path / "latest.pt").training.steps == 7


def saved_steps(config: TrainConfig, folder: Path) -> list[int]:
    """The step that latest.pt is of after each step; 0 while there is none."""
    steps: list[int] = []

    class Look(Callback):
        def after_step(self, trainer: Trainer) -> None:
            latest = folder / "latest.pt"
            steps.append(Checkpoint.load(latest).training.steps if latest.exists() else 0)

    fit(config, folder, callbacks=[Look()])
    return steps


@pytest.mark.usefixtures("long_epochs")
def test_checkpoints_come_every_so_many_steps_besides_those_of_the_epochs(tiny_config: TrainConfig, tmp_path: Path) -> None:
    config = with_options(tiny_config, "run", checkpoint_every=3)
    assert saved_steps(config, tmp_path) == [0, 0, 3, 4, 4, 6, 6, 8]


@pytest.mark.slow
def test_small_checkpoints_are_kept_every_so_many_steps(tiny_config: TrainConfig, tmp_path: Path) -> None:
    fit(with_options(tiny_config, "run", snapshot_every=3), tmp_path)
    kept = {path.name: Checkpoint.load(path) for path in tmp_path.glob("step-*.pt")}
    assert {name: found.training.steps for name, found in kept.items()} == {"step-000003.pt": 3, "step-000006.pt": 6}
    assert kept["step-000003.pt"].training.minutes < kept["step-000006.pt"].training.minutes
    assert all(found.resume is None for found in kept.values())


@pytest.mark.slow
@pytest.mark.usefixtures("long_epochs")
def test_without_a_number_of_steps_checkpoints_come_with_the_epochs(tiny_config: TrainConfig, tmp_path: Path) -> None:
    assert saved_steps(tiny_config, tmp_path) == [0, 0, 0, 4, 4, 4, 4, 8]


def test_the_style_is_named_after_the_texture(tiny_config: TrainConfig, tmp_path: Path) -> None:
    fit(tiny_config, tmp_path)
    assert Checkpoint.load(tmp_path / "style.pt").styles == ("stripes",)


@pytest.mark.slow
def test_a_run_whose_style_picture_has_moved_continues_with_the_copy_in_its_folder(
    tiny_config: TrainConfig, tmp_path: Path
) -> None:
    moved = tmp_path / "moved.png"
    shutil.copy(tiny_config.loss.texture, moved)
    config = with_options(tiny_config, "loss", texture=str(moved))
    fit(config, tmp_path / "run", stop_requested=stop_after(3))
    moved.unlink()
    diary, whole = Diary(), Diary()
    assert fit(config, tmp_path / "run", monitor=diary, resume_from=tmp_path / "run" / "latest.pt").done
    fit(tiny_config, tmp_path / "whole", monitor=whole)
    assert diary.losses == {step: loss for step, loss in whole.losses.items() if step > 3}


def test_a_new_run_never_takes_the_style_picture_that_lies_in_its_folder(tiny_config: TrainConfig, tmp_path: Path) -> None:
    shutil.copy(tiny_config.loss.texture, tmp_path / "texture.png")
    with pytest.raises(UnreadablePictureError, match=r"none\.png: No such file"):
        fit(with_options(tiny_config, "loss", texture=str(tmp_path / "none.png")), tmp_path)


def test_config_json_says_how_it_was_trained(tiny_config: TrainConfig, tmp_path: Path) -> None:
    fit(tiny_config, tmp_path)
    expected = with_options(tiny_config, "loss", statistic="covariance")  # what the preset stands for today
    assert from_dict(TrainConfig, json.loads((tmp_path / "config.json").read_text())) == expected


def test_texture_and_preview_photos_lie_in_the_folder_from_the_first_step_on(tiny_config: TrainConfig, tmp_path: Path) -> None:
    fit(tiny_config, tmp_path, stop_requested=stop_after(1))
    assert torch.equal(load_picture(tmp_path / "texture.png").pixels, load_picture(tiny_config.loss.texture).pixels)
    assert load_picture(tmp_path / "photos.png").pixels.shape == (3, 4 * 32, 32)


def test_previews_come_at_once_every_so_many_steps_and_at_the_end(tiny_config: TrainConfig, tmp_path: Path) -> None:
    diary = Diary()
    fit(with_options(tiny_config, "run", preview_every=3), tmp_path, monitor=diary)
    assert list(diary.previews) == [0, 3, 6, 8]


def test_there_is_an_early_preview_however_rare_they_are(
    tiny_config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("texnet.training.folder_saver.FIRST_PREVIEW", 2)
    diary = Diary()
    fit(with_options(tiny_config, "run", preview_every=200), tmp_path, monitor=diary)
    assert list(diary.previews) == [0, 2, 8]


def test_a_continued_run_does_not_show_its_beginning_again(tiny_config: TrainConfig, tmp_path: Path) -> None:
    config = with_options(tiny_config, "run", preview_every=200)
    fit(config, tmp_path, stop_requested=stop_after(2))
    diary = Diary()
    fit(config, tmp_path, monitor=diary, resume_from=tmp_path / "latest.pt")
    assert list(diary.previews) == [8]


@pytest.mark.slow
def test_without_a_number_of_steps_there_is_one_preview_at_the_end(tiny_config: TrainConfig, tmp_path: Path) -> None:
    diary = Diary()
    fit(tiny_config, tmp_path, monitor=diary)
    assert list(diary.previews) == [8]


def test_previews_are_kept_as_pictures_named_by_their_step(tiny_config: TrainConfig, tmp_path: Path) -> None:
    fit(with_options(tiny_config, "run", preview_every=4), tmp_path)
    assert {path.name for path in (tmp_path / "previews").iterdir()} == {
        *("step-000000.png", "step-000004.png", "step-000008.png")
    }
