"""A whole training from a config."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import texnet
from tests.helpers import with_options
from tests.training.helpers import Diary, fit
from texnet.checkpoint import Checkpoint
from texnet.config import TrainConfig
from texnet.errors import UserError
from texnet.losses import PerceptualLoss
from texnet.training import Callback, Trainer


def test_the_library_trains_a_config_in_silence_and_names_the_trained_style(
    tiny_config: TrainConfig, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = texnet.train(tiny_config, tmp_path / "run")
    assert path == tmp_path / "run" / "style.pt"
    assert Checkpoint.load(path).training.steps == 8
    assert (tmp_path / "run" / "metrics.jsonl").read_text().count("\n") == 8
    assert capfd.readouterr() == ("", "")


def test_without_a_folder_the_library_makes_one_of_the_textures_name(tiny_config: TrainConfig) -> None:
    config = with_options(tiny_config, "optim", epochs=0, max_steps=1)
    paths = [texnet.train(config) for _ in range(2)]
    assert [path.parent.name for path in paths] == ["stripes", "stripes-2"]


def test_the_library_does_not_write_over_a_run(tiny_config: TrainConfig, tmp_path: Path) -> None:
    (tmp_path / "latest.pt").touch()
    with pytest.raises(UserError, match="that run exists; name another folder"):
        texnet.train(tiny_config, tmp_path)


def test_the_first_preview_does_not_wait_for_the_loss(
    tiny_config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise RuntimeError("the loss is set")

    monkeypatch.setattr(PerceptualLoss, "set_style", stop)
    with pytest.raises(RuntimeError, match="the loss is set"):
        fit(with_options(tiny_config, "run", preview_every=100), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} >= {"config.json", "texture.png", "photos.png"}
    assert [path.name for path in (tmp_path / "previews").iterdir()] == ["step-000000.png"]


def test_a_callback_that_gives_up_ends_a_training_after_the_next_step(tiny_config: TrainConfig, tmp_path: Path) -> None:
    class GiveUp(Callback):
        def after_step(self, trainer: Trainer) -> None:
            self.gives_up = trainer.step_count == 2

    result = fit(tiny_config, tmp_path, callbacks=[GiveUp()])
    assert (result.done, result.steps) == (False, 3)
    assert Checkpoint.load(tmp_path / "latest.pt").training.steps == 3


def test_calibration_takes_its_time_out_of_the_minutes(tiny_config: TrainConfig, tmp_path: Path) -> None:
    class Look(Callback):
        schedules: set[float]

        def after_step(self, trainer: Trainer) -> None:
            self.schedules = {trainer.schedule.total_seconds}

    def seconds_of_training(config: TrainConfig, name: str) -> float:
        look = Look()
        fit(with_options(config, "optim", max_steps=2, max_minutes=1.0), tmp_path / name, callbacks=[look])
        return look.schedules.pop()

    assert 30 <= seconds_of_training(tiny_config, "all") < 60
    assert seconds_of_training(with_options(tiny_config, "generator", fixed_noise_factor=0.5), "single") == 60


def test_the_start_names_photos_device_and_folder(tiny_config: TrainConfig, tmp_path: Path) -> None:
    diary = Diary()
    fit(replace(tiny_config), tmp_path, monitor=diary)
    assert diary.messages[-1].startswith("8 photos, cpu (") and diary.messages[-1].endswith(f"float32, into {tmp_path}")
