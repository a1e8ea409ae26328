"""From a config to a training: what is missing is named, broken photos are skipped."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from tests.helpers import with_options
from tests.training.helpers import Diary, build, fit
from texnet.config import TrainConfig


def test_a_missing_texture_is_asked_for_by_its_flag(tiny_config: TrainConfig) -> None:
    with pytest.raises(ValueError, match=r"^--texture is missing"):
        build(with_options(tiny_config, "loss", texture=""))


def test_a_photo_that_cannot_be_read_is_named_once_and_skipped(
    tiny_config: TrainConfig, photo_folder: Path, tmp_path: Path
) -> None:
    photos = shutil.copytree(photo_folder, tmp_path / "photos")
    (photos / "broken.jpg").write_bytes(b"no picture")
    diary = Diary()
    assert fit(with_options(tiny_config, "data", data_dir=str(photos)), tmp_path / "run", monitor=diary).done
    assert len([text for text in diary.messages if "broken.jpg" in text]) == 1


def test_a_single_photo_is_enough(tiny_config: TrainConfig, photo_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    shutil.copy(photo_folder / "photo-0.png", tmp_path / "photos")
    result = fit(with_options(tiny_config, "data", data_dir=str(tmp_path / "photos")), tmp_path / "run")
    assert result.done
    assert result.steps == 2


def test_the_style_terms_of_unchanged_photos_are_about_one(tiny_config: TrainConfig) -> None:
    training = build(tiny_config)
    photos = training.data.preview_photos
    ones = torch.ones(len(photos))
    terms = training.trainer.loss(photos, photos, ones, ones)
    style = sum(term.item() for name, term in terms.items() if name.startswith("style/"))
    assert style / training.trainer.loss.style_weight == pytest.approx(1, abs=0.5)


def test_the_initial_weights_are_drawn_from_the_seed_alone(tiny_config: TrainConfig) -> None:
    first = build(tiny_config).trainer.generator.state_dict()
    torch.rand(5)
    second = build(tiny_config).trainer.generator.state_dict()
    assert [key for key in first if not torch.equal(first[key], second[key])] == []
