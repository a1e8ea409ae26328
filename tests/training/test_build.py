"""From a config to a training: what is missing is said, what is broken is passed over."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from tests.helpers import with_options
from tests.training.helpers import Diary, build
from texnet.config import TrainConfig


def test_a_missing_texture_is_asked_for_by_its_flag(tiny_config: TrainConfig, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^--texture is missing"):
        build(with_options(tiny_config, "loss", texture=""), tmp_path)


def test_a_photo_that_cannot_be_read_is_named_once_and_passed_over(
    tiny_config: TrainConfig, photo_folder: Path, tmp_path: Path
) -> None:
    photos = shutil.copytree(photo_folder, tmp_path / "photos")
    (photos / "broken.jpg").write_bytes(b"no picture")
    diary = Diary()
    assert build(with_options(tiny_config, "data", data_dir=str(photos)), tmp_path / "run", monitor=diary).fit()
    assert len([text for text in diary.messages if "broken.jpg" in text]) == 1


def test_a_single_photo_is_enough(tiny_config: TrainConfig, photo_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    shutil.copy(photo_folder / "photo-0.png", tmp_path / "photos")
    training = build(with_options(tiny_config, "data", data_dir=str(tmp_path / "photos")), tmp_path / "run")
    assert training.fit()
    assert training.trainer.step_count == 2


def test_untouched_photos_are_what_the_terms_are_measured_by(tiny_config: TrainConfig, tmp_path: Path) -> None:
    training = build(tiny_config, tmp_path)
    ones = torch.ones(len(training.preview_photos))
    terms = training.trainer.loss(training.preview_photos, training.preview_photos, ones, ones)
    style = sum(term.item() for name, term in terms.items() if name.startswith("style/"))
    assert style / training.trainer.loss.style_weight == pytest.approx(1, abs=0.5)


def test_building_draws_the_first_weights_from_the_seed_alone(tiny_config: TrainConfig, tmp_path: Path) -> None:
    first = build(tiny_config, tmp_path / "first").trainer.generator.state_dict()
    torch.rand(5)
    second = build(tiny_config, tmp_path / "second").trainer.generator.state_dict()
    assert [key for key in first if not torch.equal(first[key], second[key])] == []
